/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import PropTypes from "prop-types";
import React from "react";
import { readConfig } from "./config";
import { DOIField } from "./DOIField";
import { NotConfigured } from "./NotConfigured";

const page = readConfig();

/**
 * Replaces the form's own fields for identifiers.
 *
 * @param {object} config of the form; its `pids` is empty if there are no DOIs.
 * @param {node} children the form's own fields.
 */
export const DOIFieldContainer = ({ config, children }) => {
  if (page.enabled) {
    return <DOIField config={page} />;
  }
  if (page.absent || config?.pids?.length > 0) {
    return <>{children}</>;
  }
  return <NotConfigured mayConfigure={page.may_configure} />;
};
DOIFieldContainer.propTypes = { config: PropTypes.object, children: PropTypes.node };
DOIFieldContainer.defaultProps = { config: undefined, children: null };
