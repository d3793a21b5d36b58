// Marks the same moment as Husting's first screen does, and shows each key it is given.
requestAnimationFrame(() => setTimeout(() => performance.mark("usable")));
addEventListener("keydown", (event) => {
  document.querySelector("p").textContent = event.key;
});
