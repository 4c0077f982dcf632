/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { getIn, useFormikContext } from "formik";
import _isEqual from "lodash/isEqual";
import { useCallback, useEffect, useRef } from "react";
import { FIELD } from "./errors";

/**
 * The form's value of the DOI.
 *
 * It is written at once, so that "Save" sends what was typed the moment before. While a
 * request is under way people go on: the form then takes over the server's answer, and
 * what they did since is put in its place again.
 *
 * @returns {{value, setValue, getValues, hold}} `hold`: from now on, what was done
 *   before is not put back.
 */
export function useDOIValue() {
  const formik = useFormikContext();
  const { values, initialValues, isSubmitting, setFieldValue } = formik;
  const value = getIn(values, FIELD);

  // For whoever asks later than this rendering.
  const current = useRef(values);
  current.current = values;
  const getValues = useCallback(() => current.current, []);

  const done = useRef(null);
  const write = useCallback(
    (next) => {
      // Nothing but the DOI: other identifiers are in the same object.
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
