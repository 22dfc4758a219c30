// Where files and data come from: the server, or elements of the page itself when it is one offline file.

const made = new Map();

/** Whether this page is an offline file. */
export function isOffline() {
  return document.getElementById("gf-data") !== null;
}

/** Inflates gzip bytes. */
export async function gunzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function fromBase64(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

function packed(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`this page does not hold ${id}`);
  return JSON.parse(element.textContent);
}

/** The bytes in a packed text. */
export async function unpacked(text) {
  return gunzip(fromBase64(text));
}

/** The data of an offline page as it stands there: a worker unpacks it. */
export function packedData() {
  return packed("gf-data");
}

/** The bytes of a file of the page, such as `vendor/viz.wasm`. */
export async function assetBytes(name) {
  if (isOffline()) return unpacked(packed("gf-asset-" + name));
  const answer = await fetch("static/" + name);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** An address from which a file of the page can be loaded. */
export async function assetURL(name) {
  if (!isOffline()) return "static/" + name;
  if (!made.has(name)) {
    const type = name.endsWith(".js") ? "text/javascript" : name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    made.set(name, URL.createObjectURL(new Blob([await assetBytes(name)], { type })));
  }
  return made.get(name);
}
