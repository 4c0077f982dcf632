/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { i18next } from "@translations/invenio_rdm_doi/i18next";
import PropTypes from "prop-types";
import React, { useEffect, useRef, useState } from "react";
import { Button } from "semantic-ui-react";
import { CopyButton } from "../CopyButton";
import { Help } from "../parts";

/** A DOI for reading and copying. */
const Shown = ({ doi, children }) => (
  <p style={{ overflowWrap: "anywhere", margin: "0.5em 0" }}>
    <strong data-testid="doi">{doi}</strong> {children}
  </p>
);
Shown.propTypes = { doi: PropTypes.string.isRequired, children: PropTypes.node };
Shown.defaultProps = { children: null };

/** A confirmation before a DOI is discarded. */
const Confirmation = ({ doi, onConfirm, onCancel }) => {
  const keep = useRef();
  useEffect(() => {
    keep.current.focus();
    const onKeyDown = ({ key }) => key === "Escape" && onCancel();
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <div
      className="ui warning visible tiny message"
      role="alertdialog"
      aria-labelledby="invenio-rdm-doi-confirm"
    >
      <p id="invenio-rdm-doi-confirm">
        {i18next.t(
          "Discard {{doi}}? If you have already used or shared this DOI, it will not resolve.",
          { doi }
        )}
      </p>
      <Button
        type="button"
        size="small"
        content={i18next.t("Keep it")}
        onClick={onCancel}
        ref={keep}
      />
      <Button
        type="button"
        size="small"
        negative
        content={i18next.t("Discard the DOI")}
        onClick={onConfirm}
      />
    </div>
  );
};
Confirmation.propTypes = {
  doi: PropTypes.string.isRequired,
  onConfirm: PropTypes.func.isRequired,
  onCancel: PropTypes.func.isRequired,
};

/** A DOI that cannot be reserved or discarded. */
const Fixed = ({ doi, children }) => (
  <>
    <Shown doi={doi}>
      <CopyButton text={doi} />
    </Shown>
    <Help>{children}</Help>
  </>
);
Fixed.propTypes = { doi: PropTypes.string.isRequired, children: PropTypes.node };
Fixed.defaultProps = { children: null };

/**
 * A button that ignores clicks during a request.
 *
 * It is not disabled then, because it would lose the focus.
 */
const Waiting = ({ waiting, onClick, inner, ...props }) => (
  <Button
    type="button"
    size="small"
    aria-disabled={waiting}
    className={waiting ? "disabled" : ""}
    onClick={() => !waiting && onClick()}
    ref={inner}
    {...props}
  />
);
Waiting.propTypes = {
  waiting: PropTypes.bool.isRequired,
  onClick: PropTypes.func.isRequired,
  inner: PropTypes.object,
};
Waiting.defaultProps = { inner: undefined };

function whenMade(isKnown, reviewed, restricted) {
  if (restricted) {
    return isKnown
      ? i18next.t("When you publish, this DOI will be reserved for the record.")
      : i18next.t("When you publish, a DOI will be reserved for the record.");
  }
  if (reviewed) {
    return isKnown
      ? i18next.t("The record will get this DOI when it is accepted and published.")
      : i18next.t("The record will get a DOI when it is accepted and published.");
  }
  return isKnown
    ? i18next.t("The record will get this DOI when you publish.")
    : i18next.t("The record will get a DOI when you publish.");
}

function whenActive(reviewed, restricted) {
  if (restricted) {
    return i18next.t("This DOI is reserved for your upload.");
  }
  return reviewed
    ? i18next.t(
        "This DOI is reserved for your upload: you can cite it already. It resolves as soon as the record is accepted and published."
      )
    : i18next.t(
        "This DOI is reserved for your upload: you can cite it already. It resolves as soon as you publish."
      );
}

/** The panel of a new DOI: not created yet, reserved, or published. */
export const NewDOI = (props) => {
  const { doi, willBe, mayChange, locked, foreign, restricted, reviewed } = props;
  const { discardable } = props;
  const { busy, waiting, onReserve, onDiscard } = props;
  const [asking, setAsking] = useState(false);
  const discard = useRef();

  if (locked) {
    return (
      <Fixed doi={doi}>
        {i18next.t("This DOI belongs to the published record and cannot be changed.")}
      </Fixed>
    );
  }
  if (foreign) {
    return (
      <Fixed doi={doi}>
        {i18next.t("This repository does not register this DOI with DataCite.")}
      </Fixed>
    );
  }
  if (!doi) {
    return (
      <>
        {willBe && (
          <Shown doi={willBe}>
            <span className="ui basic tiny label">{i18next.t("Not reserved yet")}</span>{" "}
            <CopyButton text={willBe} />
          </Shown>
        )}
        <Help>
          {whenMade(Boolean(willBe), reviewed, restricted)}{" "}
          {mayChange &&
            i18next.t(
              "It may still change if you choose another community, because communities here have their own prefixes. A reserved DOI does not change."
            )}{" "}
          {i18next.t(
            "To cite it before you publish, for example in your files, reserve it now: it is then kept for this upload."
          )}
        </Help>
        <Waiting
          key="reserve"
          waiting={waiting}
          loading={busy}
          content={i18next.t("Reserve a DOI now")}
          onClick={onReserve}
        />
      </>
    );
  }
  const close = () => {
    setAsking(false);
    // The button exists again after the next rendering.
    setTimeout(() => discard.current?.focus());
  };
  return (
    <>
      <Shown doi={doi}>
        <CopyButton text={doi} />
      </Shown>
      <Help>{whenActive(reviewed, restricted)}</Help>
      {!discardable ? null : asking ? (
        <Confirmation
          doi={doi}
          onCancel={close}
          onConfirm={() => {
            close();
            onDiscard();
          }}
        />
      ) : (
        <Waiting
          // A different button from the one before, although in the same position.
          key="discard"
          basic
          waiting={waiting}
          loading={busy}
          content={i18next.t("Discard")}
          aria-label={i18next.t("Discard the DOI {{doi}}", { doi })}
          onClick={() => setAsking(true)}
          inner={discard}
        />
      )}
    </>
  );
};
NewDOI.propTypes = {
  doi: PropTypes.string.isRequired,
  willBe: PropTypes.string,
  mayChange: PropTypes.bool,
  locked: PropTypes.bool,
  foreign: PropTypes.bool,
  restricted: PropTypes.bool,
  reviewed: PropTypes.bool,
  discardable: PropTypes.bool,
  busy: PropTypes.bool,
  waiting: PropTypes.bool,
  onReserve: PropTypes.func.isRequired,
  onDiscard: PropTypes.func.isRequired,
};
NewDOI.defaultProps = {
  willBe: null,
  mayChange: false,
  locked: false,
  foreign: false,
  restricted: false,
  reviewed: false,
  discardable: true,
  busy: false,
  waiting: false,
};
