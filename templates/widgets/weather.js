((select,retry)=>{
  /* A frame whose sandbox forbids forms can still go where a script sends it. */
  if(select){
    let form=select.form,typing=0,go=()=>{location.href=form.action+"?"+new URLSearchParams(new FormData(form))};
    form.onsubmit=event=>{event.preventDefault();go()};
    /* Arrow keys change a select at every press: who types goes by the button. */
    select.onkeydown=()=>{typing=1};
    select.onpointerdown=()=>{typing=0};
    select.onchange=()=>{typing||go()};
  }
  if(retry)setTimeout(()=>location.reload(),5000+5000*Math.random());
})(document.querySelector("select"),document.querySelector("[data-retry]"))
