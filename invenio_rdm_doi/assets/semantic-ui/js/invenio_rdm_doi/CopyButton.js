/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React, { useEffect, useState } from "react";
import { Button } from "semantic-ui-react";
import { Announcement } from "./parts";

const SHOWN_MS = 3000;

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Pages without HTTPS have no clipboard API.
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  document.body.appendChild(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) {
    throw new Error("The browser does not allow copying.");
  }
}

/** A button that copies a DOI and reports whether it succeeded. */
export const CopyButton = ({ text }) => {
  const [outcome, setOutcome] = useState("");

  useEffect(() => {
    const timer = outcome && setTimeout(() => setOutcome(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const onClick = async (event) => {
    const button = event.currentTarget;
    try {
      await copy(text);
      setOutcome(i18next.t("Copied"));
    } catch (error) {
      setOutcome(i18next.t("Select the DOI and copy it by hand."));
    }
    button.focus();
  };

  return (
    <>
      <Button
        type="button"
        size="mini"
        basic
        compact
        icon={outcome === i18next.t("Copied") ? "check" : "copy outline"}
        content={outcome || i18next.t("Copy")}
        aria-label={i18next.t("Copy the DOI {{doi}}", { doi: text })}
        onClick={onClick}
      />
      <Announcement>{outcome}</Announcement>
    </>
  );
};
CopyButton.propTypes = { text: PropTypes.string.isRequired };
