/* After logging in the address goes on as it was, the place of a quote in it included: servers never
   see what stands behind "#", but a browser takes it along where the form is sent to. */
"use strict";

document.getElementById("login").action = location.pathname + location.search + location.hash;
