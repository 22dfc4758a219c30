// Lays out DOT in a worker: Graphviz as WebAssembly; answers positions as JSON. vendor/viz.js stands in front of this script.
// The first message brings the compiled module, or says why there is none.

let begin = null;
let asked = false;
self.graphvizModule = new Promise((resolve, reject) => (begin = { resolve, reject }));
const ready = self.Viz.instance();

self.onmessage = async (event) => {
  const { id, dot, module, failure } = event.data;
  if (module) return begin.resolve(module);
  if (failure) return begin.reject(new Error(failure));
  asked = true;
  try {
    const viz = await ready;
    self.postMessage({ id, layout: viz.renderString(dot, { format: "json0" }) });
  } catch (error) {
    self.postMessage({ id, error: String(error && error.message ? error.message : error) });
  }
};

// Functions are compiled when first called: call them while the graph is still on its way.
ready.then((viz) => setTimeout(() => asked || viz.renderString("digraph { subgraph cluster_1 { a b } a -> b -> c a -> c }", { format: "json0" })), () => {});
