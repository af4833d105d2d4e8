let root=document.documentElement,pym=/childId=([^&]+)/.exec(location.search)?.[1];
if(parent!==self){
  let least,resizer,said,
    /* WordPress may add its secret to the URL after the page has loaded. */
    secret=()=>location.hash.split("?secret=")[1],
    say=message=>parent.postMessage(message,"*"),
    tell=()=>{
      /* Never report less than the documented height that the parent has reserved, so that its page does not move.
         In a hidden tab innerHeight is 0. */
      least||=Math.min(innerHeight,root.dataset.height||0);
      let height=Math.max(least,Math.ceil(root.getBoundingClientRect().height));
      if(!height||height===said)return;
      said=height;
      say({type:"portal-widget:height",height,title:document.title});
      say({sentinel:"amp",type:"embed-size",height});
      /* WordPress forces every height into 200 to 1,000: do not report one that it would cut, or stretch needlessly. */
      if(secret()&&height<1001&&(height>199||height!==innerHeight))say({message:"height",value:height,secret:secret()});
      if(pym)say("pymxPYMx"+pym+"xPYMxheightxPYMx"+height);
      if(resizer)say({type:"iframe-resized",width:innerWidth,height});
    },
    again=()=>{said=0;tell()};
  /* A parent that starts to listen after the first report: open-iframe-resizer, WordPress. */
  onmessage=({source,data})=>{
    if(source===parent&&(data?.secret||data?.type==="iframe-child-init")){resizer||=data.type;again()}
  };
  onload=onhashchange=again;
  /* Fires when fonts load, at resizing, at a change of theme, and when a hidden tab becomes visible. */
  new ResizeObserver(tell).observe(root);
  /* WordPress frames us in a sandbox without top navigation: its own page follows a link on our request. */
  onclick=event=>{
    let link=event.target.closest("a");
    if(link&&secret()){event.preventDefault();say({message:"link",value:link.href,secret:secret()})}
  };
}
