/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import _isEmpty from "lodash/isEmpty";
import _isPlainObject from "lodash/isPlainObject";
import _omit from "lodash/omit";
import {
  DRAFT_HAS_VALIDATION_ERRORS,
  DRAFT_LOADED_WITH_VALIDATION_ERRORS,
  RESERVE_PID_SUCCEEDED,
} from "@js/invenio_rdm_records/src/deposit/state/types";

/** The field's path in the form. */
export const FIELD = "pids.doi";

/**
 * Return the messages of an entry of the form's errors, in any of its formats.
 *
 * @param {*} entry a text, an object with `message` and `severity`, or a tree of these.
 * @returns {{message: string, severity: string, description: string|undefined}[]} each
 *   message once.
 */
export function messagesOf(entry) {
  const found = [];
  const add = (message, severity, description) => {
    if (message && !found.some((other) => other.message === message)) {
      found.push({ message, severity, description });
    }
  };
  const walk = (part) => {
    if (typeof part === "string") {
      add(part, "error");
    } else if (Array.isArray(part)) {
      part.forEach(walk);
    } else if (_isPlainObject(part)) {
      if (typeof part.message === "string") {
        add(part.message, part.severity || "error", part.description);
      } else {
        Object.values(part).forEach(walk);
      }
    }
  };
  walk(entry);
  return found;
}

/** Return the errors without those of this field. */
export function withoutField(errors) {
  const pids = _omit(errors?.pids, "doi");
  return _isEmpty(pids) ? _omit(errors, "pids") : { ...errors, pids };
}

/**
 * Remove the errors of this field, because its value was changed.
 *
 * The form has no action for this and keeps errors until the next save; so another
 * action is used that leaves everything else unchanged.
 */
export const forgetErrors = () => (dispatch, getState) => {
  const { errors, record, actionState } = getState().deposit;
  if (_isEmpty(errors?.pids?.doi)) {
    return;
  }
  const rest = withoutField(errors);
  let type = actionState;
  if (_isEmpty(rest)) {
    // This action shows no banner, because nothing was saved.
    type = RESERVE_PID_SUCCEEDED;
  } else if (!type || type === DRAFT_LOADED_WITH_VALIDATION_ERRORS) {
    type = DRAFT_HAS_VALIDATION_ERRORS;
  }
  dispatch({ type, payload: { data: record, errors: rest } });
};
