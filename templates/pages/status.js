/* Reloads the page every half minute, until it is stopped. */
const button = document.querySelector("#refresh");
let timer = 0;
const go = () => {
  timer = setTimeout(() => location.reload(), 30000);
  button.textContent = button.dataset.stop;
};
button.onclick = () => {
  if (!timer) return location.reload();
  clearTimeout(timer);
  timer = 0;
  button.textContent = button.dataset.go;
};
button.hidden = false;
go();
