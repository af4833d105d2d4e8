((back,select)=>{
  /* Replace the history entry, so that "back" does not lead to this article with another city. */
  if(select){
    let form=select.form,typing,go=()=>{
      let query=new URLSearchParams(new FormData(form));
      if(pym)query.set("childId",pym);
      /* The hash identifies the frame to its parent. */
      location.replace(form.action+"?"+query+location.hash);
    };
    form.onsubmit=event=>{event.preventDefault();go()};
    select.onkeydown=select.onpointerdown=({key})=>{typing=key};
    select.onchange=()=>{typing||go()};
  }
  /* In a frame, history.back() would act on the page around it. */
  back.onclick=event=>{if(parent===self&&history.length>1){event.preventDefault();history.back()}};
})(document.querySelector("[data-back]"),document.querySelector("select"))
