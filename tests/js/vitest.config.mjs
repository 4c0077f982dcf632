/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const project = process.env.PAGES_PROJECT;
const checkout = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const assets = path.join(checkout, "invenio_rdm_doi/assets/semantic-ui");
// As Node finds them, so that each library is there once, whoever asks for it.
const libraries = createRequire(path.join(project, "package.json"));

const SOURCES = /^@(js|translations)\/([^/]+)(\/.*)?$/;

const asInThePages = {
  name: "as-in-the-pages",
  enforce: "pre",
  resolveId(source, importer) {
    const match = SOURCES.exec(source);
    if (match) {
      const [, folder, name, rest = ""] = match;
      const root = name === "invenio_rdm_doi" ? assets : project;
      return this.resolve(path.join(root, folder, name, rest), importer, {
        skipSelf: true,
      });
    }
    const isLibrary = /^[@a-z]/i.test(source) && !source.startsWith("node:");
    if (!isLibrary || path.isAbsolute(source) || /^vitest(\/|$)/.test(source)) {
      return null;
    }
    try {
      return { id: libraries.resolve(source), external: false };
    } catch {
      return null;
    }
  },
};

export default {
  root: checkout,
  cacheDir: path.join(project, "node_modules/.vite"),
  plugins: [asInThePages],
  // The host's files with JSX are called ".js".
  esbuild: { loader: "jsx", include: /\.jsx?$/, exclude: /node_modules/ },
  server: { fs: { strict: false } },
  test: {
    dir: path.join(checkout, "tests/js"),
    include: ["**/*.test.jsx"],
    environment: libraries.resolve("jsdom") && "jsdom",
    setupFiles: [path.join(checkout, "tests/js/setup.js")],
    restoreMocks: true,
    testTimeout: 15000,
  },
};
