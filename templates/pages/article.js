((back,select)=>{
  /* A page of its own in the browser's list would make "back" lead to this article under another city. */
  if(select){
    let form=select.form,typing,go=()=>{
      let query=new URLSearchParams(new FormData(form));
      if(pym)query.set("childId",pym);
      /* What a parent knows us by goes along. */
      location.replace(form.action+"?"+query+location.hash);
    };
    form.onsubmit=event=>{event.preventDefault();go()};
    select.onkeydown=select.onpointerdown=({key})=>{typing=key};
    select.onchange=()=>{typing||go()};
  }
  /* In a frame the way back would be that of the page around it. */
  back.onclick=event=>{if(parent===self&&history.length>1){event.preventDefault();history.back()}};
})(document.querySelector("[data-back]"),document.querySelector("select"))
