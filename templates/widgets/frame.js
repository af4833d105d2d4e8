((root,retry)=>{
  /* Before the first data the page asks again by itself. */
  if(retry)setTimeout(()=>location.reload(),5000+5000*Math.random());
  if(parent===self)return;
  /* A parent that gave the height we document keeps it: nothing on its page moves. */
  let least=Math.min(innerHeight,root.dataset.height||0),pym=new URLSearchParams(location.search).get("childId"),resizer,told,
    /* WordPress may give its secret to a page that is there already. */
    secret=()=>(/#\?secret=(\w+)/.exec(location.hash)||[])[1],
    say=message=>parent.postMessage(message,"*"),
    tell=()=>{
      let height=Math.ceil(root.getBoundingClientRect().height);
      if(!height||(height=Math.max(height,least))===told)return;
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
    if(source!==parent||!data)return;
    if(data.type==="iframe-child-init")resizer=1;
    else if(!(pym&&(""+data).startsWith("pymxPYMx"+pym+"xPYMx")))return;
    again();
  });
  addEventListener("load",again);
  addEventListener("hashchange",again);
  document.addEventListener("visibilitychange",again);
  new ResizeObserver(tell).observe(root);
  /* WordPress frames us in a sandbox that lets no link out: its own page goes there when it is asked to. */
  addEventListener("click",event=>{
    let link=event.target.closest("a[href]");
    if(link&&secret()){event.preventDefault();say({message:"link",value:link.href,secret:secret()})}
  });
})(document.documentElement,document.querySelector("[data-retry]"))
