{
  /* A frame whose sandbox forbids forms can still go where a script sends it; what its parent knows it by goes along. */
  let select=document.querySelector("select"),form=select.form,typing,go=()=>{
    let query=new URLSearchParams(new FormData(form));
    if(pym)query.set("childId",pym);
    location.href=form.action+"?"+query+location.hash;
  };
  form.onsubmit=event=>{event.preventDefault();go()};
  /* Arrow keys change a select at every press: who types goes by the button. A pointer has no key. */
  select.onkeydown=select.onpointerdown=({key})=>{typing=key};
  select.onchange=()=>{typing||go()};
}
