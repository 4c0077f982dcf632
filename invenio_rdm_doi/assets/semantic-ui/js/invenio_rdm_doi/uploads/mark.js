/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import { readAttention } from "../api";

const ITEM = ".deposits-list-item";
const LABEL = "invenio-rdm-doi-attention";
const RECORD = /^\/records\/([^/?#]+)$/;

const WAIT_MS = 100;
const MOST_IDS = 100;

/** Return the id of the record in a list item; null for a draft. */
function recordOf(item) {
  // Without this module's label, so that the first link is the title's or the button's.
  const addresses = [...item.querySelectorAll("a[href]")]
    .filter((link) => !link.classList.contains(LABEL))
    .map((link) => RECORD.exec(link.getAttribute("href")));
  return addresses.find(Boolean)?.[1] || null;
}

function reasonOf({ complaints }) {
  const said = (complaints || []).map(({ label, title }) =>
    label ? `${label}: ${title}` : title
  );
  // Appended to the translation: i18next would interpret patterns in DataCite's text.
  return said.length > 0
    ? `${i18next.t("DataCite says:")} ${said.join("; ")}`
    : i18next.t("DataCite does not accept it.");
}

function labelFor(id, attention) {
  const label = document.createElement("a");
  const words = i18next.t("DOI: needs attention");
  const reason = reasonOf(attention);
  label.className = `ui small horizontal red label ${LABEL}`;
  label.href = `/records/${id}#record-doi-status`;
  label.textContent = words;
  label.title = reason;
  label.setAttribute("aria-label", `${words}. ${reason}`);
  return label;
}

/** Show the label once; an equal one is kept, to avoid needless changes of the page. */
function mark(item, id, attention) {
  const old = item.querySelector(`.${LABEL}`);
  const wanted = attention ? labelFor(id, attention) : null;
  if (old && wanted && old.isEqualNode(wanted)) {
    return;
  }
  old?.remove();
  if (wanted) {
    item.querySelector(".labels-actions")?.append(wanted);
  }
}

/**
 * Add a label to the uploads with a DOI that needs attention.
 *
 * The host renders the list and has no place for the label; so this observes the list
 * and adds the label again after each rendering.
 *
 * @param {Element} list contains the list, or will contain it.
 * @returns {MutationObserver}
 */
export function markUploads(list) {
  const known = new Map();
  let timer = null;

  const ask = async () => {
    const ids = unknown().slice(0, MOST_IDS);
    if (ids.length === 0) {
      return;
    }
    // Requested once, regardless of the answer.
    ids.forEach((id) => known.set(id, null));
    try {
      Object.entries(await readAttention(ids)).forEach(([id, attention]) =>
        known.set(id, attention)
      );
    } catch (error) {
      console.warn("How far the DOIs are is not known now", error);
    }
    look();
  };

  const unknown = () => {
    const ids = [...list.querySelectorAll(ITEM)].map(recordOf);
    return [...new Set(ids)].filter((id) => id && !known.has(id));
  };

  const look = () => {
    list.querySelectorAll(ITEM).forEach((item) => {
      const id = recordOf(item);
      mark(item, id, known.get(id));
    });
    clearTimeout(timer);
    if (unknown().length > 0) {
      timer = setTimeout(ask, WAIT_MS);
    }
  };

  const observer = new MutationObserver(look);
  observer.observe(list, { childList: true, subtree: true, attributeFilter: ["href"] });
  look();
  return observer;
}
