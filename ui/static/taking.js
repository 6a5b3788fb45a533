/* What the menu of a quote and the basket share: elements, requests, files, a word when all is done.
   Words of documents go in by textContent alone. */

export const $ = (id) => document.getElementById(id);

export function made(tag, properties = {}, ...children) {
  const { role, ...others } = properties;
  const element = Object.assign(document.createElement(tag), others);
  if (role) element.setAttribute("role", role);
  element.append(...children);
  return element;
}

// Fetches JSON, or throws what the server said.
export async function fetched(path, options) {
  const response = await fetch(path, options);
  if (response.ok) return response;
  const found = await response.json().catch(() => ({}));
  throw new Error(found.error || "The server could not say why.");
}

export const posted = (path, content) => fetched(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
});

export function save(blob, name) {
  const link = made("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const saveJson = (content, name) =>
  save(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }), name);

// The place of a quote as its links have it, and its receipt.
export const placeOf = (link) => link.hash.slice(link.hash.indexOf("?") + 1);
export const receiptOf = async (place) => (await fetched(`/cite/receipt?${place}`)).json();

/* ---- What was done, told to eye and ear ------------------------------------------------ */

const status = made("p", { id: "citing-status", role: "status" });
let quiet = null;

export function tell(text) {
  status.textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => { status.textContent = ""; }, 5000);
}

document.body.append(status);
