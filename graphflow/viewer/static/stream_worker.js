// One stream of changes for all tabs of this viewer: a browser allows few connections to a server, and each tab would keep one open.

const ports = new Set();
let events = null;
let hello = null;
let lost = false;

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function start() {
  events = new EventSource("../api/v1/events");
  events.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "hello") {
      hello = message;
      lost = false;
    } else if (message.stamp && hello) hello = { ...hello, stamp: message.stamp, reading: message.reading };
    tell(message);
  };
  events.onerror = () => {
    lost = true;
    tell({ type: "lost" });
    if (events.readyState === EventSource.CLOSED) setTimeout(start, 2000);
  };
}

self.onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = (message) => {
    if (message.data === "leave") ports.delete(port);
  };
  if (!events) start();
  else if (lost) port.postMessage({ type: "lost" });
  else if (hello) port.postMessage(hello);
};
