/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import PropTypes from "prop-types";
import React from "react";
import { Icon } from "semantic-ui-react";

const HIDDEN = {
  position: "absolute",
  width: 1,
  height: 1,
  overflow: "hidden",
  clip: "rect(0 0 0 0)",
  whiteSpace: "nowrap",
};

/** A live region for screen readers; it has to be rendered before it has a text. */
export const Announcement = ({ children }) => (
  <span role="status" style={HIDDEN}>
    {children}
  </span>
);
Announcement.propTypes = { children: PropTypes.node };
Announcement.defaultProps = { children: null };

/** A help text below a field. */
export const Help = ({ children, id }) => (
  <p
    id={id}
    className="text-muted-darken"
    style={{ fontSize: "0.9em", margin: "0.5em 0" }}
  >
    {children}
  </p>
);
Help.propTypes = { children: PropTypes.node.isRequired, id: PropTypes.string };
Help.defaultProps = { id: undefined };

const KINDS = {
  error: { className: "negative", icon: "times circle" },
  warning: { className: "warning", icon: "exclamation triangle" },
  info: { className: "info", icon: "info circle" },
  success: { className: "positive", icon: "check" },
};

/** A message at the field. Screen readers announce errors immediately. */
export const Note = ({ kind, children, id }) => {
  const { className, icon } = KINDS[kind] || KINDS.info;
  return (
    <div
      id={id}
      // The form hides messages until it has a corresponding state.
      className={`ui ${className} visible tiny message`}
      role={kind === "error" ? "alert" : undefined}
    >
      <Icon name={icon} aria-hidden="true" />
      {children}
    </div>
  );
};
Note.propTypes = {
  kind: PropTypes.string.isRequired,
  children: PropTypes.node.isRequired,
  id: PropTypes.string,
};
Note.defaultProps = { id: undefined };
