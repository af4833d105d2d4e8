(select=>{
  /* A frame whose sandbox forbids forms can still go where a script sends it. */
  let form=select.form,typing=0,go=()=>{location.href=form.action+"?"+new URLSearchParams(new FormData(form))+location.hash};
  form.onsubmit=event=>{event.preventDefault();go()};
  /* Arrow keys change a select at every press: who types goes by the button. */
  select.onkeydown=()=>{typing=1};
  select.onpointerdown=()=>{typing=0};
  select.onchange=()=>{typing||go()};
})(document.querySelector("select"))
