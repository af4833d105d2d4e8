{
  /* A sandbox without allow-forms still permits navigation by script. childId and hash identify the frame to its parent. */
  let select=document.querySelector("select"),form=select.form,typing,go=()=>{
    let query=new URLSearchParams(new FormData(form));
    if(pym)query.set("childId",pym);
    location.href=form.action+"?"+query+location.hash;
  };
  form.onsubmit=event=>{event.preventDefault();go()};
  /* Arrow keys change a select at every press: keyboard users submit with the button. A pointer event has no key. */
  select.onkeydown=select.onpointerdown=({key})=>{typing=key};
  select.onchange=()=>{typing||go()};
}
