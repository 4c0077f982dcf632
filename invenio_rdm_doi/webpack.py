# SPDX-FileCopyrightText: 2026 The invenio-rdm-doi developers
# SPDX-License-Identifier: MIT

"""JavaScript of the pages for depositors and administrators."""

from invenio_assets.webpack import WebpackThemeBundle

theme = WebpackThemeBundle(
    __name__,
    "assets",
    default="semantic-ui",
    themes={
        "semantic-ui": {
            "entry": {
                "invenio-rdm-doi-administration": (
                    "./js/invenio_rdm_doi/administration/index.js"
                ),
                "invenio-rdm-doi-deposit": "./js/invenio_rdm_doi/deposit/index.js",
                "invenio-rdm-doi-record": "./js/invenio_rdm_doi/record/index.js",
                "invenio-rdm-doi-uploads": "./js/invenio_rdm_doi/uploads/index.js",
            },
            # The host's version ranges, so that all pages share one copy of each.
            "dependencies": {
                "axios": "^1.13.5",
                "formik": "^2.1.0",
                "i18next": "^20.3.0",
                "i18next-browser-languagedetector": "^6.1.0",
                "lodash": "^4.17.0",
                "prop-types": "^15.7.2",
                "react": "^16.13.0",
                "react-dom": "^16.13.0",
                "react-overridable": "^1.0.0",
                "react-redux": "^7.2.0",
                "semantic-ui-react": "^2.1.0",
            },
            "aliases": {
                "@js/invenio_rdm_doi": "js/invenio_rdm_doi",
                "@translations/invenio_rdm_doi": "translations/invenio_rdm_doi",
            },
        },
    },
)
