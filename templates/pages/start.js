document.querySelectorAll("#choices select").forEach(select=>{
  /* Arrow keys change a select at every press: who types goes by the button. */
  let typing=0;
  select.onkeydown=()=>{typing=1};
  select.onpointerdown=()=>{typing=0};
  select.onchange=()=>{typing||select.form.requestSubmit()};
});
document.querySelectorAll("[data-copy]").forEach(button=>{
  button.hidden=false;
  button.onclick=async()=>{
    let code=document.getElementById(button.dataset.copy);
    code.select();
    try{await navigator.clipboard.writeText(code.value)}catch{document.execCommand("copy")}
    button.nextElementSibling.textContent=button.dataset.done;
  };
});
