// Lays out DOT in a worker: Graphviz as WebAssembly, loaded from the address in the first message; answers positions as JSON.

let ready = null;

self.onmessage = async (event) => {
  const { load, id, dot } = event.data;
  if (load) {
    if (load !== "joined") importScripts(load);
    ready = self.Viz.instance();
    return;
  }
  try {
    const viz = await ready;
    self.postMessage({ id, layout: viz.renderString(dot, { format: "json0" }) });
  } catch (error) {
    self.postMessage({ id, error: String(error && error.message ? error.message : error) });
  }
};
