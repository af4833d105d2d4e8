{
  /* A sandbox without allow-forms still permits navigation by script. childId and hash identify the frame to its parent.
     In a frame the page's own history must not fill with places; on its own the way back is the reader's, but an
     article's leads to where he came from, not to the article with another place. */
  let select=document.querySelector("select"),form=select.form,button=form.querySelector("button"),go=()=>{
    let query=new URLSearchParams(new FormData(form));
    if(pym)query.set("childId",pym);
    location[parent===self&&!document.querySelector("article")?"assign":"replace"](form.action+"?"+query+location.hash);
  };
  form.onsubmit=event=>{event.preventDefault();go()};
  /* A choice by pointer goes at once. Arrow keys change a select at every press: after a key the button is there,
     and Enter goes. A pointer event has no key. */
  button.hidden=true;
  select.onkeydown=event=>{
    if(event.key==="Enter"&&!button.hidden){event.preventDefault();go()}
    if(event.key!=="Tab")button.hidden=false;
  };
  select.onpointerdown=()=>{button.hidden=true};
  select.onchange=()=>{button.hidden&&go()};
}
