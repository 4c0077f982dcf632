/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import _isPlainObject from "lodash/isPlainObject";
import PropTypes from "prop-types";
import React, { useEffect, useState } from "react";
import { useSelector } from "react-redux";
import { FIELD, messagesOf } from "./errors";

/**
 * Each field that has errors, with what is said about it.
 *
 * @returns {{path: string, message: string, severity: string}[]}
 */
export function errorsByField(errors) {
  const found = [];
  const walk = (part, path) => {
    const isTree =
      Array.isArray(part) || (_isPlainObject(part) && typeof part.message !== "string");
    if (isTree && path !== FIELD) {
      Object.entries(part).forEach(([key, value]) =>
        walk(value, path ? `${path}.${key}` : key)
      );
      return;
    }
    messagesOf(part).forEach(({ message, severity }) =>
      found.push({ path, message, severity })
    );
  };
  // What is no tree belongs to no field: the form's banner shows it itself. And the host
  // takes a proxy's page of an error for errors, one for each character.
  walk(
    Object.fromEntries(
      Object.entries(errors || {}).filter(([, part]) => typeof part === "object")
    ),
    ""
  );
  return found;
}

/** The element of a field, or of the smallest part of the form that has it. */
export function elementOf(path) {
  const parts = path.split(".");
  while (parts.length > 1) {
    const name = CSS.escape(parts.join("."));
    const element =
      document.getElementById(parts.join(".")) ||
      document.querySelector(
        `[name="${name}"], label[for="${name}"], [id^="${name}."], [name^="${name}."]`
      );
    if (element) {
      return element;
    }
    parts.pop();
  }
  return null;
}

/** Show a field and put the cursor there. */
export function goTo(path) {
  const element = elementOf(path);
  if (!element) {
    return;
  }
  const section = element.closest(".invenio-accordion-field");
  const title = section?.querySelector(":scope > .title");
  if (title && !title.classList.contains("active")) {
    title.click();
  }
  // After the section has opened.
  setTimeout(() => {
    const field = element.closest(".field") || element;
    const isField = element.matches("input, textarea, select, fieldset, button");
    // A list of people has buttons to change and to remove each of them; the last button
    // adds one, and does no harm.
    const target = isField
      ? element
      : field.querySelector("input, textarea") ||
        [...field.querySelectorAll("button")].pop();
    field.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  });
}

/** What people call a field: the words beside it. */
export function labelOf(path) {
  const element = elementOf(path);
  const label =
    element &&
    (element.matches("fieldset")
      ? element.querySelector("legend")
      : element.closest(".field")?.querySelector("label") ||
        document.querySelector(`label[for="${CSS.escape(element.id)}"]`));
  const words = label?.textContent.replace(/[\s*]+$/, "").trim();
  return words || path.replace(/^metadata\./, "").replace(/[._]/g, " ");
}

/** By place in the form, from top to bottom; what has no place comes last. */
function inOrder(one, other) {
  const [element, next] = [elementOf(one.path), elementOf(other.path)];
  if (!element || !next || element === next) {
    return Boolean(next) - Boolean(element);
  }
  const isBefore =
    element.compareDocumentPosition(next) & Node.DOCUMENT_POSITION_FOLLOWING;
  return isBefore ? -1 : 1;
}

// Colour alone would not tell it from the text beside it.
const LINK = { textDecoration: "underline" };

/** A link that shows a field and puts the cursor there. */
export const FieldLink = ({ path, label }) => (
  <a
    href={`#${path}`}
    style={LINK}
    onClick={(event) => {
      event.preventDefault();
      goTo(path);
    }}
  >
    {label}
  </a>
);
FieldLink.propTypes = {
  path: PropTypes.string.isRequired,
  label: PropTypes.string.isRequired,
};

/** Links to all fields that have errors, under the form's banner. */
export const ErrorLinks = () => {
  const errors = useSelector(({ deposit }) => deposit.errors);
  const [shown, setShown] = useState([]);

  useEffect(() => {
    // The fields have to be there before their labels can be read.
    const timer = setTimeout(() =>
      setShown(
        errorsByField(errors)
          .sort(inOrder)
          .map((error) => ({ ...error, label: labelOf(error.path) }))
      )
    );
    return () => clearTimeout(timer);
  }, [errors]);

  if (shown.length === 0) {
    return null;
  }
  return (
    <nav
      className="ui container rel-pt-1"
      aria-label={i18next.t("Fields with messages")}
      id="invenio-rdm-doi-error-links"
    >
      <ul>
        {shown.map(({ path, label, message }) => (
          <li key={`${path} ${message}`}>
            <FieldLink path={path} label={label} />
            {": "}
            {message}
          </li>
        ))}
      </ul>
    </nav>
  );
};
