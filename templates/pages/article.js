/* In a frame, history.back() would act on the page around it. */
document.querySelector("[data-back]").onclick=event=>{
  if(parent===self&&history.length>1){event.preventDefault();history.back()}
};
