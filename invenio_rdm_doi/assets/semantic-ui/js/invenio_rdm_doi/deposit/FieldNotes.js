/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

/*
 * Notes on values that DataCite would receive in another form or not at all, beside
 * their fields. They are information: as errors, they would show the form's warning at
 * each save.
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React, { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { labelOf } from "./ErrorLinks";
import { placeBehind, removePlaces } from "./places";
import { Help } from "../parts";

const MARK = "invenio-rdm-doi-note";

/** Group the notes by field, in the server's order. */
function byField(notes) {
  const found = new Map();
  notes.forEach(({ field, message }) =>
    found.set(field, [...(found.get(field) || []), message])
  );
  return [...found];
}

const FieldNote = ({ field, messages }) => (
  <Help>
    {i18next.t("For the DOI:")} {field && `${field}: `}
    {messages.join(" ")}
  </Help>
);
FieldNote.propTypes = {
  field: PropTypes.string,
  messages: PropTypes.arrayOf(PropTypes.string).isRequired,
};
FieldNote.defaultProps = { field: undefined };

export const FieldNotes = ({ notes }) => {
  const [shown, setShown] = useState([]);

  useEffect(() => {
    // The fields have to be rendered first.
    const timer = setTimeout(() =>
      setShown(
        byField(notes).map(([path, messages]) => ({
          path,
          messages,
          place: placeBehind(path, MARK),
        }))
      )
    );
    return () => clearTimeout(timer);
  }, [notes]);

  useEffect(() => () => removePlaces(MARK), []);

  return shown.map(({ path, messages, place }) =>
    place ? (
      createPortal(<FieldNote messages={messages} />, place, path)
    ) : (
      <FieldNote key={path} field={labelOf(path)} messages={messages} />
    )
  );
};
FieldNotes.propTypes = {
  notes: PropTypes.arrayOf(
    PropTypes.shape({
      field: PropTypes.string.isRequired,
      message: PropTypes.string.isRequired,
    })
  ).isRequired,
};
