/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { elementOf } from "./ErrorLinks";

/**
 * Return a place at the end of a form field; create it if it does not exist.
 *
 * @param {string|null} path of the field.
 * @param {string} mark the class of all places of this kind.
 * @returns {Element|null} null if the form does not show the field.
 */
export function placeBehind(path, mark) {
  const field = path && elementOf(path)?.closest(".field, fieldset");
  if (!field) {
    return null;
  }
  const known = [...field.children].find(
    ({ classList, dataset }) => classList.contains(mark) && dataset.field === path
  );
  if (known) {
    return known;
  }
  const place = document.createElement("div");
  place.className = mark;
  place.dataset.field = path;
  field.append(place);
  return place;
}

/** Remove all places of a kind. */
export function removePlaces(mark) {
  document.querySelectorAll(`.${mark}`).forEach((place) => place.remove());
}
