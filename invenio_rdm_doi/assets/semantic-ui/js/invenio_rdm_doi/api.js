/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import axios from "axios";

const http = axios.create({
  withCredentials: true,
  xsrfCookieName: "csrftoken",
  xsrfHeaderName: "X-CSRFToken",
  headers: { Accept: "application/json" },
});

/** @returns {Promise<object>} data of a saved draft for the form's field. */
export async function readDraft(id) {
  return (await http.get(`/api/records/${id}/draft/doi`)).data;
}

/**
 * Check a DOI that was typed.
 *
 * @param {string|undefined} id of the draft; undefined before the draft is first saved.
 * @returns {Promise<{doi, code, message, record}>} `code` is null without a problem.
 */
export async function lookAt(id, typed) {
  const path = id ? `/api/records/${id}/draft/doi` : "/api/records/draft/doi";
  return (await http.get(path, { params: { typed } })).data.typed;
}

/** @returns {Promise<object>} the state of the DOI of a published record. */
export async function readRecord(id) {
  return (await http.get(`/api/records/${id}/doi`)).data;
}

/**
 * Return the user's own records with DOIs that need attention.
 *
 * @param {string[]} ids
 * @returns {Promise<object>} status and problem by id.
 */
export async function readAttention(ids) {
  const params = { ids: ids.join(",") };
  return (await http.get("/api/user/records/doi", { params })).data;
}

/** Return whether the session is valid, by a request that is only answered then. */
export async function isLoggedIn() {
  try {
    await readAttention(["none"]);
    return true;
  } catch (error) {
    return ![401, 403].includes(error.response?.status);
  }
}

/** @returns {Promise<string>} a part of a page, as the server renders it. */
export async function readPart(address) {
  const headers = { Accept: "text/html" };
  return (await http.get(address, { headers, responseType: "text" })).data;
}

/** Create the draft for editing a published record, if there is none yet. */
export async function editRecord(id) {
  await http.post(`/api/records/${id}/draft`, {});
}

/** Send a GET request to the pages' own REST API. */
export async function ask(address) {
  return (await http.get(address)).data;
}

/** Send a POST request for an action to the pages' own REST API. */
export async function send(address) {
  return (await http.post(address)).data;
}
