let root=document.documentElement,pym=new URLSearchParams(location.search).get("childId");
if(parent!==self){
  /* A parent that gave the height we document keeps it: nothing on its page moves. */
  let least=Math.min(innerHeight,root.dataset.height||0),resizer,told,
    /* WordPress may give its secret to a page that is there already. */
    secret=()=>location.hash.split("?secret=")[1],
    say=message=>parent.postMessage(message,"*"),
    tell=()=>{
      let height=Math.max(least,Math.ceil(root.getBoundingClientRect().height));
      if(!height||height===told)return;
      told=height;
      say({type:"portal-widget:height",height});
      say({sentinel:"amp",type:"embed-size",height});
      if(secret())say({message:"height",value:height,secret:secret()});
      if(pym)say("pymxPYMx"+pym+"xPYMxheightxPYMx"+height);
      if(resizer)say({type:"iframe-resized",width:innerWidth,height});
    },
    again=()=>{told=0;tell()};
  /* A parent that has only now begun to listen. */
  addEventListener("message",({source,data})=>{
    if(source===parent&&data?.type==="iframe-child-init"){resizer=1;again()}
  });
  addEventListener("load",again);
  addEventListener("hashchange",again);
  /* It fires for fonts, resizing, another theme, and when a hidden tab is shown. */
  new ResizeObserver(tell).observe(root);
  /* WordPress frames us in a sandbox that lets no link out: its own page goes there when it is asked to. */
  addEventListener("click",event=>{
    let link=event.target.closest("a");
    if(link&&secret()){event.preventDefault();say({message:"link",value:link.href,secret:secret()})}
  });
}
