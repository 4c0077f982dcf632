/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React, { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useDispatch, useSelector } from "react-redux";
import { useFormikContext } from "formik";
import { Icon } from "semantic-ui-react";
import { Help, Note } from "../parts";
import {
  choiceOf,
  EXTERNAL,
  isForeign,
  managedDOI,
  MANAGED,
  NONE,
  valueOf,
} from "./choice";
import { ChoiceGroup } from "./ChoiceGroup";
import { Circumstances } from "./Circumstances";
import { FIELD, forgetErrors, messagesOf } from "./errors";
import { ExistingDOI } from "./ExistingDOI";
import { FieldNotes } from "./FieldNotes";
import { FORCED_COLORS } from "./forcedColors";
import { NewDOI } from "./NewDOI";
import { Refusal } from "./Refusal";
import { discard, reserve } from "./reserve";
import { useDOIValue } from "./useDOIValue";
import { useDraftState } from "./useDraftState";

const NO_NOTES = [];
const WHY = "invenio-rdm-doi-why";
const MESSAGES = "invenio-rdm-doi-messages";
// Like the labels of the form's other fields.
const LEGEND = { fontSize: "0.92857143em", fontWeight: 700, padding: 0 };
const REQUIRED = { margin: "0 0 0 0.5em", verticalAlign: "super" };
const FRAME = { border: 0, margin: "0 0 1em", padding: 0, minWidth: 0 };

/** Return the choices for this draft. */
function choicesOf(state, config) {
  const { allowed, locked, message } = state?.choices || { allowed: config.allowed };
  // Choices that are never possible are not shown; those not possible now are disabled.
  const shown = [MANAGED, EXTERNAL, NONE].filter(
    (choice) => config.allowed.includes(choice) || allowed.includes(choice)
  );
  return { allowed, shown, locked: Boolean(locked), message };
}

/** The form's field of the DOI. */
export const DOIField = ({ config }) => {
  const dispatch = useDispatch();
  const record = useSelector(({ deposit }) => deposit.record);
  const errors = useSelector(({ deposit }) => deposit.errors);
  const { values, isSubmitting, setSubmitting, setFormikState } = useFormikContext();
  const frame = useRef();
  const { value, setValue, getValues, hold } = useDOIValue();
  const state = useDraftState(record, config.state);
  const { allowed, shown, locked, message } = choicesOf(state, config);
  const [busy, setBusy] = useState(false);
  const [feedback, setFeedback] = useState(null);

  const chosen = choiceOf(value, allowed);
  const doi = managedDOI(value);
  const reservedDOI = managedDOI(record.pids?.doi);
  const problems = useMemo(() => messagesOf(errors?.pids?.doi), [errors]);

  // The typed DOI is kept while another choice is selected.
  const typed = useRef("");
  useLayoutEffect(() => {
    if (chosen === EXTERNAL) {
      typed.current = value?.identifier || "";
    }
  });

  const change = (next) => {
    setFeedback(null);
    dispatch(forgetErrors());
    setValue(next);
  };
  const choose = (choice) => {
    const reserved = reservedDOI ? record.pids.doi : undefined;
    change(valueOf(choice, { typed: typed.current, reserved }));
  };

  useEffect(() => {
    // The host's page sets its own value for a new upload.
    let wanted = record.id ? chosen : config.default;
    if (!allowed.includes(wanted) && !locked && allowed.length > 0) {
      // For example a new version, whose kind of DOI depends on the previous version.
      [wanted] = allowed;
    }
    // The shown choice is saved, even if the user does not change it.
    if (wanted !== chosen || (wanted === MANAGED && !value)) {
      setValue(valueOf(wanted));
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [allowed.join(), locked, record.id]);

  useEffect(() => {
    // Formik takes over new errors without rendering if it had no errors itself: the
    // form's sections would keep their labels.
    const timer = setTimeout(() => setFormikState((all) => ({ ...all })));
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [errors]);

  const run = (action, words) => async () => {
    const hadFocus = frame.current.contains(document.activeElement);
    hold();
    setBusy(true);
    // This blocks the form's own buttons too: two requests would create two drafts.
    setSubmitting(true);
    setFeedback(null);
    const { ok, message: reason, doi: made } = await dispatch(action(getValues));
    setSubmitting(false);
    setBusy(false);
    setFeedback({ kind: ok ? "success" : "error", text: ok ? words(made) : reason });
    // The clicked button may have been replaced by others.
    setTimeout(() => {
      if (hadFocus && document.activeElement === document.body) {
        frame.current?.querySelector("button")?.focus();
      }
    });
  };

  const required = !allowed.includes(NONE);
  return (
    <fieldset
      id={FIELD}
      ref={frame}
      tabIndex={-1}
      className="invenio-rdm-doi"
      style={FRAME}
    >
      <legend style={LEGEND}>
        <Icon name="barcode" aria-hidden="true" />
        {i18next.t("Digital Object Identifier (DOI)")}
        {required && (
          <Icon
            name="asterisk"
            className="negative"
            size="tiny"
            style={REQUIRED}
            aria-hidden="true"
          />
        )}
      </legend>

      <style>{FORCED_COLORS}</style>
      <Help>
        {i18next.t(
          "A DOI is a permanent link to your upload. With it, others can find and cite your work."
        )}
      </Help>
      <Refusal problem={state?.problem} />
      {!locked && shown.length > 1 && (
        <ChoiceGroup
          choices={shown}
          allowed={allowed}
          chosen={chosen}
          onChoose={choose}
          disabled={busy}
          hint={message ? WHY : undefined}
          required={required}
        />
      )}
      {message && <Help id={WHY}>{message}</Help>}

      {chosen === MANAGED && (
        <NewDOI
          doi={doi}
          willBe={state?.will_be}
          mayChange={state?.may_change}
          locked={locked && Boolean(doi)}
          foreign={isForeign(value)}
          restricted={values.access?.record === "restricted"}
          reviewed={Boolean(state?.reviewed)}
          discardable={state?.discard_changes ?? true}
          busy={busy}
          waiting={busy || isSubmitting}
          onReserve={run(reserve, (made) =>
            i18next.t("The DOI {{doi}} is reserved for this upload.", { doi: made })
          )}
          onDiscard={run(discard, () => i18next.t("The DOI was discarded."))}
        />
      )}
      {chosen === EXTERNAL && (
        <ExistingDOI
          typed={value?.identifier || ""}
          onType={(text) => change({ ...valueOf(EXTERNAL), identifier: text })}
          draftId={record.id}
          prefixes={config.prefixes}
          hasError={problems.some(({ severity }) => severity === "error")}
          describedBy={MESSAGES}
          required={required}
        />
      )}
      {chosen === NONE && (
        <Help>
          {i18next.t(
            "The record will be published without a DOI, which makes it harder to cite and to find."
          )}
        </Help>
      )}
      {chosen !== MANAGED && reservedDOI && !locked && (
        <Note kind="warning">
          {i18next.t(
            'The reserved DOI {{doi}} is discarded when you save. Choose "{{choice}}" to keep it.',
            { doi: reservedDOI, choice: i18next.t("Get a new DOI") }
          )}
        </Note>
      )}

      <div id={MESSAGES}>
        {problems.map(({ message: text, severity, description }) => (
          <Note key={text} kind={severity}>
            {text} {description && <span className="helptext">{description}</span>}
          </Note>
        ))}
      </div>
      {/* A live region: it has to be rendered before it has a text. */}
      <div role="status">
        {feedback?.text && feedback.kind === "success" && (
          <Note kind="success">{feedback.text}</Note>
        )}
      </div>
      {feedback?.text && feedback.kind !== "success" && (
        <Note kind={feedback.kind}>{feedback.text}</Note>
      )}
      <Circumstances
        chosen={chosen}
        access={values.access}
        policy={state?.restricted_policy || config.restricted_policy}
        isPublished={Boolean(record.is_published)}
        delayed={Boolean(state?.delayed)}
        testMode={state?.test_mode ?? config.test_mode}
      />
      {chosen === MANAGED && <FieldNotes notes={state?.notes || NO_NOTES} />}
    </fieldset>
  );
};
DOIField.propTypes = { config: PropTypes.object.isRequired };
