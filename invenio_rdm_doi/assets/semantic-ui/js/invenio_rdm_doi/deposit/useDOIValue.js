/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { getIn, useFormikContext } from "formik";
import _isEqual from "lodash/isEqual";
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { FIELD } from "./errors";

/**
 * Return the form's value of the DOI, with functions to read and change it.
 *
 * A change is written immediately, so that "Save" sends even the last characters typed.
 * Users may continue during a request: the form then takes over the server's answer,
 * and the changes made since are restored.
 *
 * @returns {{value, setValue, getValues, hold}} `hold`: do not restore the changes made
 *   so far.
 */
export function useDOIValue() {
  const formik = useFormikContext();
  const { values, initialValues, isSubmitting, setFieldValue } = formik;
  const value = getIn(values, FIELD);

  // For callbacks that run after this rendering.
  const current = useRef(values);
  useLayoutEffect(() => {
    current.current = values;
  });
  const getValues = useCallback(() => current.current, []);

  const done = useRef(null);
  const write = useCallback(
    (next) => {
      // Write only the DOI: other identifiers are in the same object.
      setFieldValue(FIELD, next, false);
    },
    [setFieldValue]
  );
  const setValue = useCallback(
    (next) => {
      done.current = { next };
      write(next);
    },
    [write]
  );
  const hold = useCallback(() => {
    done.current = null;
  }, []);

  useEffect(() => {
    if (isSubmitting) {
      hold();
    }
  }, [isSubmitting, hold]);

  useEffect(() => {
    const kept = done.current;
    if (kept && !_isEqual(kept.next, getIn(current.current, FIELD))) {
      write(kept.next);
    }
  }, [initialValues, write]);

  return { value, setValue, getValues, hold };
}
