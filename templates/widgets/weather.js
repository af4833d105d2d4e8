{
  /* A sandbox without allow-forms still permits navigation by script. childId and hash identify the frame to its parent.
     In a frame the page's own history must not fill with places; on its own the way back is the reader's. */
  let select=document.querySelector("select"),form=select.form,typing,go=()=>{
    let query=new URLSearchParams(new FormData(form));
    if(pym)query.set("childId",pym);
    location[parent===self?"assign":"replace"](form.action+"?"+query+location.hash);
  };
  form.onsubmit=event=>{event.preventDefault();go()};
  /* Arrow keys change a select at every press: keyboard users submit with the button. A pointer event has no key. */
  select.onkeydown=select.onpointerdown=({key})=>{typing=key};
  select.onchange=()=>{typing||go()};
}
