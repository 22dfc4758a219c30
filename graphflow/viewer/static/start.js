// Starts Graphviz before the rest of the page is read, as it takes longest of all that the first picture needs: the worker
// and its WebAssembly load side by side.

self.layoutWorker = new Worker("static/layout_worker.js");
WebAssembly.compileStreaming(fetch("static/vendor/viz.wasm")).then(
  (module) => self.layoutWorker.postMessage({ module }),
  (error) => self.layoutWorker.postMessage({ failure: `Graphviz cannot be loaded: ${error.message}` }));
