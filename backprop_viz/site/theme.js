// Before anything is painted: the colours that the reader chose on another page, or those of the system.
{
  const chosen = () => {
    try {
      return localStorage.getItem("backprop-viz-theme");
    } catch {
      return null; // the browser keeps nothing for this page
    }
  };

  window.showTheme = (theme) => {
    const known = theme === "light" || theme === "dark";
    document.documentElement.dataset.theme = known ? theme : "auto";
    // What players and other outputs of a notebook go by.
    if (known) document.body.dataset.jpThemeLight = String(theme === "light");
    else delete document.body.dataset.jpThemeLight;
  };

  document.documentElement.classList.add("scripted");
  window.showTheme(chosen());
}
