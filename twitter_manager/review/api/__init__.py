"""The JSON API beside the console's pages: drafts and what is done to them, runs, history, health and figures.

`endpoints` has the one table of all that there is, from which come the routes and the OpenAPI document."""
