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

/** @returns {Promise<object>} what the form's field needs to know of a saved draft. */
export async function readDraft(id) {
  return (await http.get(`/api/records/${id}/draft/doi`)).data;
}

/**
 * Ask what is to be said about a DOI that was typed.
 *
 * @param {string|undefined} id of the draft; none before it is saved for the first time.
 * @returns {Promise<{doi, code, message, record}>} `code` is null if nothing is.
 */
export async function lookAt(id, typed) {
  const path = id ? `/api/records/${id}/draft/doi` : "/api/records/draft/doi";
  return (await http.get(path, { params: { typed } })).data.typed;
}

/** @returns {Promise<object>} how far the DOI of a published record is. */
export async function readRecord(id) {
  return (await http.get(`/api/records/${id}/doi`)).data;
}

/**
 * Which of the reader's own records have DOIs that somebody must look after.
 *
 * @param {string[]} ids
 * @returns {Promise<object>} by id, the status and its problem.
 */
export async function readAttention(ids) {
  const params = { ids: ids.join(",") };
  return (await http.get("/api/user/records/doi", { params })).data;
}

/** Whether the session is still there: a question that is only answered then. */
export async function isLoggedIn() {
  try {
    await readAttention(["none"]);
    return true;
  } catch (error) {
    return ![401, 403].includes(error.response?.status);
  }
}

/** @returns {Promise<string>} a part of a page, as the server writes it. */
export async function readPart(address) {
  const headers = { Accept: "text/html" };
  return (await http.get(address, { headers, responseType: "text" })).data;
}

/** Makes the draft that a published record is edited in, if there is none yet. */
export async function editRecord(id) {
  await http.post(`/api/records/${id}/draft`, {});
}

/** Ask something of the pages' own REST API. */
export async function ask(address) {
  return (await http.get(address)).data;
}

/** Have something done; an action of the pages' own REST API. */
export async function send(address) {
  return (await http.post(address)).data;
}
