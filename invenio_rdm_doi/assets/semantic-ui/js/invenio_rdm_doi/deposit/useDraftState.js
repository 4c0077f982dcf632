/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { useEffect, useRef, useState } from "react";
import { readDraft } from "../api";

/**
 * What the server knows of the draft's DOI; asked again after each save.
 *
 * @param {{id, updated, revision_id}} record the draft, as it was saved last.
 * @param {object|null} initial what came with the page.
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
      // The form works without: the server checks again when the draft is saved.
      .catch((error) => console.warn("The state of the DOI is not known now", error));
    return () => {
      current = false;
    };
  }, [key, record.id]);

  return state;
}
