// The site's own lines behind the player's modules: every film on the page gets its player.
document.querySelectorAll(".player").forEach((place) => {
  const film = unpacked(JSON.parse(place.querySelector("script").textContent));
  mount(place, film, { step: Number(place.dataset.step) });
});

// The players have moved what is below them.
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
