/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { saveDraftWithUrlUpdate } from "@js/invenio_rdm_records/src/deposit/state/actions/deposit";
import {
  DISCARD_PID_FAILED,
  DISCARD_PID_STARTED,
  DISCARD_PID_SUCCEEDED,
  DRAFT_HAS_VALIDATION_ERRORS,
  DRAFT_SAVE_SUCCEEDED,
  RESERVE_PID_FAILED,
  RESERVE_PID_STARTED,
  RESERVE_PID_SUCCEEDED,
} from "@js/invenio_rdm_records/src/deposit/state/types";
import { i18next } from "@translations/invenio_rdm_doi/i18next";
import _isEmpty from "lodash/isEmpty";
import _isEqual from "lodash/isEqual";
import _isPlainObject from "lodash/isPlainObject";
import { explainLogin } from "../login";
import { MANAGED, valueOf } from "./choice";
import { messagesOf } from "./errors";

/**
 * Merge the values that the server saved with the values typed since they were sent.
 *
 * @param {*} saved the server's answer.
 * @param {*} sent the values that were sent to the server.
 * @param {*} now the current values of the form.
 */
export function keepTyped(saved, sent, now) {
  if (_isEqual(sent, now)) {
    return saved;
  }
  if (!_isPlainObject(sent) || !_isPlainObject(now)) {
    return now;
  }
  const result = { ...(_isPlainObject(saved) ? saved : {}) };
  for (const key of new Set([...Object.keys(sent), ...Object.keys(now)])) {
    if (!(key in now)) {
      delete result[key];
    } else if (!_isEqual(sent[key], now[key])) {
      result[key] = keepTyped(result[key], sent[key], now[key]);
    }
  }
  return result;
}

/** Return the reason of a failure, if the server gave one in words. */
function reasonOf(error) {
  const errors = error?.errors;
  if (!_isPlainObject(errors)) {
    // No answer, or a proxy's page instead of one.
    return "";
  }
  const messages = messagesOf(errors.pids).map(({ message }) => message);
  return messages.join(" ") || (errors.status < 500 ? errors.message || "" : "");
}

/**
 * Save the draft, which need not exist yet.
 *
 * @returns {Promise<{errors, links, now: function(): object}>} `now`: the saved
 *   values with those typed since.
 */
async function save(getValues, drafts) {
  const sent = getValues();
  const { data, errors } = await saveDraftWithUrlUpdate(sent, drafts);
  const now = () => ({ ...keepTyped(data, sent, getValues()), pids: data.pids });
  return { errors, links: data.links, now };
}

/** Return the action by which the form takes over the saved values and their errors. */
function taken(type, data, errors) {
  return {
    type: _isEmpty(errors) ? type : DRAFT_HAS_VALIDATION_ERRORS,
    payload: { data, errors },
  };
}

async function failed(type, sentence, error, dispatch, getState) {
  const message =
    (await explainLogin(error)) ||
    [sentence, reasonOf(error)].filter(Boolean).join(" ");
  // Errors of other fields are kept; the form's banner shows the field's message.
  const byField = _isPlainObject(error?.errors) && !error.errors.status && error.errors;
  const { errors } = getState().deposit;
  dispatch({ type, payload: { errors: { ...errors, ...byField, message } } });
  return { ok: false, message };
}

/**
 * Reserve a DOI for the draft.
 *
 * The form's own action loses the errors of other fields, values typed meanwhile and,
 * if it fails, the draft that it has just created.
 *
 * @param {function(): object} getValues returns the current values of the form.
 * @returns {Promise<{ok: boolean, message: string|undefined, doi: string|undefined}>}
 */
export const reserve =
  (getValues) =>
  async (dispatch, getState, { service }) => {
    dispatch({ type: RESERVE_PID_STARTED, payload: { pidType: "doi" } });
    const fail = (error) =>
      failed(
        RESERVE_PID_FAILED,
        i18next.t(
          "The DOI could not be reserved. Your entries are still here. Try again in a moment, or publish without reserving: the DOI is then assigned on publishing."
        ),
        error,
        dispatch,
        getState
      );
    let saved;
    try {
      saved = await save(getValues, service.drafts);
    } catch (error) {
      return fail(error);
    }
    try {
      const { data } = await service.drafts.reservePID(saved.links, "doi");
      const record = { ...saved.now(), ...pick(data), pids: data.pids };
      dispatch(taken(RESERVE_PID_SUCCEEDED, record, saved.errors));
      return { ok: true, doi: data.pids.doi.identifier };
    } catch (error) {
      // The draft exists now: the next attempt must not create another one.
      dispatch(taken(DRAFT_SAVE_SUCCEEDED, saved.now(), saved.errors));
      return fail(error);
    }
  };

/** Return the values that change with every request and that no user types. */
function pick({ links, updated, revision_id: revision }) {
  return { links, updated, revision_id: revision };
}

/**
 * Discard a reserved DOI by saving the draft without it.
 *
 * The choice of a new DOI is kept, and is saved in the same request.
 */
export const discard =
  (getValues) =>
  async (dispatch, getState, { service }) => {
    dispatch({ type: DISCARD_PID_STARTED, payload: { pidType: "doi" } });
    const withoutDOI = () => {
      const values = getValues();
      return { ...values, pids: { ...values.pids, doi: valueOf(MANAGED) } };
    };
    try {
      const { errors, now } = await save(withoutDOI, service.drafts);
      dispatch(taken(DISCARD_PID_SUCCEEDED, now(), errors));
      return { ok: true };
    } catch (error) {
      return failed(
        DISCARD_PID_FAILED,
        i18next.t(
          "The DOI could not be discarded; it is still reserved. Try again in a moment."
        ),
        error,
        dispatch,
        getState
      );
    }
  };
