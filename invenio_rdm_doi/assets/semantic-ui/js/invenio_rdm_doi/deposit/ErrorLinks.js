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
 * Return each field that has errors, with its messages.
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
  // A value that is not a tree belongs to no field: the form's banner shows it. The
  // host also treats a proxy's error page as errors, one for each character.
  walk(
    Object.fromEntries(
      Object.entries(errors || {}).filter(([, part]) => typeof part === "object")
    ),
    ""
  );
  return found;
}

/** Return the element of a field, or of the smallest part of the form that has it. */
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

/** Scroll to a field and focus it. */
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
    // A list of people has buttons to change and to remove each person; the last button
    // adds a person and is harmless.
    const target = isField
      ? element
      : field.querySelector("input, textarea") ||
        [...field.querySelectorAll("button")].pop();
    field.scrollIntoView({ block: "center" });
    target?.focus({ preventScroll: true });
  });
}

/** Return the visible label of a field. */
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

/** Compare by position in the form, top to bottom; fields without one come last. */
function inOrder(one, other) {
  const [element, next] = [elementOf(one.path), elementOf(other.path)];
  if (!element || !next || element === next) {
    return Boolean(next) - Boolean(element);
  }
  const isBefore =
    element.compareDocumentPosition(next) & Node.DOCUMENT_POSITION_FOLLOWING;
  return isBefore ? -1 : 1;
}

// Color alone would not distinguish it from the text beside it.
const LINK = { textDecoration: "underline" };

/** A link that scrolls to a field and focuses it. */
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

/** Links to all fields that have errors, below the form's banner. */
export const ErrorLinks = () => {
  const errors = useSelector(({ deposit }) => deposit.errors);
  const [shown, setShown] = useState([]);

  useEffect(() => {
    // The fields have to be rendered before their labels can be read.
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
