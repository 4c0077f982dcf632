/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { useEffect, useRef, useState } from "react";
import { readDraft } from "../api";

/**
 * Return the server's data about the draft's DOI; request them again after each save.
 *
 * @param {{id, updated, revision_id}} record the draft as last saved.
 * @param {object|null} initial the data that came with the page.
 * @returns {object|null} null before the draft is saved for the first time.
 */
export function useDraftState(record, initial) {
  const [state, setState] = useState(initial);
  const key = record.id && `${record.id} ${record.revision_id} ${record.updated}`;
  const known = useRef(initial && key);

  useEffect(() => {
    if (!key || key === known.current) {
      return undefined;
    }
    known.current = key;
    let current = true;
    readDraft(record.id)
      .then((found) => current && setState(found))
      // The form works without it: the server checks again when the draft is saved.
      .catch((error) => console.warn("The state of the DOI is not known now", error));
    return () => {
      current = false;
    };
  }, [key, record.id]);

  return state;
}
