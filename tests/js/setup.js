/*
 * SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
 * SPDX-License-Identifier: MIT
 */

import * as matchers from "@testing-library/jest-dom/matchers";
import { cleanup } from "@testing-library/react";
import axios from "axios";
import { afterEach, expect } from "vitest";
import { adapter } from "./server";

expect.extend(matchers);

// Before any client is made: they take it from here.
axios.defaults.adapter = adapter;

afterEach(() => cleanup());

// What jsdom does not have; the form's rich text editor asks at its start.
window.matchMedia = () => ({ matches: false, addListener() {}, removeListener() {} });
window.scrollTo = () => {};
Element.prototype.scrollIntoView = () => {};
