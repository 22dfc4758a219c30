// Starts what the first picture or chart needs longest before the rest of the page is read: Graphviz (its worker and its WebAssembly load
// side by side), or, where a link leads to a page of a log, that page's code; Graphviz then waits until a graph is drawn.

let worker = null;
self.startGraphviz = () => {
  if (!worker) {
    const made = (worker = new Worker("static/layout_worker.js"));
    WebAssembly.compileStreaming(fetch("static/vendor/viz.wasm")).then(
      (module) => made.postMessage({ module }),
      (error) => made.postMessage({ failure: `Graphviz cannot be loaded: ${error.message}` }));
  }
  return worker;
};

const wanted = /[#&]view=([a-z]+)/.exec(location.hash);
if (!wanted || ["graph", "profile", "diff"].includes(wanted[1])) self.startGraphviz();
else {
  for (const href of ["static/built/log.js", ...(wanted[1] === "scalars" ? ["static/vendor/uplot.js"] : [])]) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", href }));
  }
}
