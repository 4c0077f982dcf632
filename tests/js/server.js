/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { AxiosError } from "axios";

let current;

/** For axios: the server of the running test answers. */
export const adapter = (config) => current.answer(config);

/**
 * Replaces the network: the form's own clients run, and get these answers.
 *
 * Drafts are kept as the REST API keeps them: what comes in `pids` is saved.
 */
export class Server {
  constructor() {
    this.requests = [];
    this.drafts = {};
    this.rules = [];
    this.errors = () => [];
    this.typed = (typed) => ({ doi: typed, code: null, message: null, record: null });
    this.state = () => ({});
    current = this;
  }

  /** Answer the next requests of this kind in another way. */
  on(method, path, answer, times = Infinity) {
    this.rules.unshift({ method, path, answer, times });
  }

  /**
   * Hold the answers to these requests back.
   *
   * @returns {function(): void[]} gives them, in the order of the requests.
   */
  hold(method, path) {
    const answers = [];
    this.on(
      method,
      path,
      (request) =>
        new Promise((resolve) => {
          answers.push(() => resolve(this.usual(request)));
        })
    );
    return answers;
  }

  /** Requests of one kind, so far. */
  sent(method, path = /./) {
    return this.requests.filter((one) => one.method === method && path.test(one.url));
  }

  async answer(config) {
    const method = config.method.toUpperCase();
    const data = config.data ? JSON.parse(config.data) : undefined;
    const request = { method, url: config.url, data, params: config.params };
    this.requests.push(request);
    const rule = this.rules.find(
      (one) => one.method === method && one.path.test(config.url) && one.times > 0
    );
    const result = rule
      ? ((rule.times -= 1), await rule.answer(request, this))
      : this.usual(request);
    if (result === "no answer") {
      throw new AxiosError("Network Error", "ERR_NETWORK", config);
    }
    const { status = 200, body } = result;
    const response = { status, data: body, headers: {}, config };
    if (status >= 400) {
      throw new AxiosError(`${status}`, "ERR_BAD", config, null, response);
    }
    return response;
  }

  usual({ method, url, data, params }) {
    const id = /\/api\/records\/([^/]+)\/draft/.exec(url)?.[1];
    if (url.includes("/doi") && method === "GET") {
      const typed = params?.typed && { typed: this.typed(params.typed) };
      return { body: { ...this.stateOf(this.drafts[id]), ...typed } };
    }
    if (url.endsWith("/pids/doi")) {
      const doi = { identifier: `10.1234/${id}`, provider: "datacite" };
      return this.save(id, {
        ...this.drafts[id],
        pids: { ...this.drafts[id].pids, doi },
      });
    }
    if (method === "POST") {
      const made = `draft-${Object.keys(this.drafts).length + 1}`;
      return this.save(made, data, this.errors(data));
    }
    return method === "PUT"
      ? this.save(id, data, this.errors(data))
      : { body: this.drafts[id] };
  }

  stateOf(draft) {
    return {
      doi: draft?.pids?.doi || null,
      will_be: draft ? `10.1234/${draft.id}` : null,
      choices: { allowed: ["managed", "external"], locked: false, message: null },
      delayed: false,
      ...this.state(draft),
    };
  }

  save(id, data, errors = []) {
    const path = `/api/records/${id}/draft`;
    const revision = (this.drafts[id]?.revision_id || 0) + 1;
    this.drafts[id] = {
      ...data,
      id,
      is_published: data.is_published || false,
      status: data.status || "draft",
      revision_id: revision,
      links: {
        self: path,
        self_html: `/uploads/${id}`,
        reserve_doi: `${path}/pids/doi`,
        publish: `${path}/actions/publish`,
      },
    };
    const refused = errors.map(({ field }) => field);
    const body = structuredClone(this.drafts[id]);
    for (const field of refused.filter((one) => one.startsWith("metadata."))) {
      // The server does not keep what is invalid.
      delete body.metadata?.[field.split(".")[1]];
    }
    return { body: { ...body, errors } };
  }
}
