let root=document.documentElement,pym=/childId=([^&]+)/.exec(location.search)?.[1];
if(parent!==self){
  let least,resizer,said,
    /* WordPress may give its secret to a page that is there already. */
    secret=()=>location.hash.split("?secret=")[1],
    say=message=>parent.postMessage(message,"*"),
    tell=()=>{
      /* A parent that gave the height we document keeps it: nothing on its page moves. In a hidden tab there is none yet. */
      least||=Math.min(innerHeight,root.dataset.height||0);
      let height=Math.max(least,Math.ceil(root.getBoundingClientRect().height));
      if(!height||height===said)return;
      said=height;
      say({type:"portal-widget:height",height});
      say({sentinel:"amp",type:"embed-size",height});
      /* WordPress makes every height one of 200 to 1,000: it is not asked to cut, nor to stretch what is right. */
      if(secret()&&height<1001&&(height>199||height!==innerHeight))say({message:"height",value:height,secret:secret()});
      if(pym)say("pymxPYMx"+pym+"xPYMxheightxPYMx"+height);
      if(resizer)say({type:"iframe-resized",width:innerWidth,height});
    },
    again=()=>{said=0;tell()};
  /* A parent that has only now begun to listen: open-iframe-resizer, WordPress. */
  onmessage=({source,data})=>{
    if(source===parent&&(data?.secret||data?.type==="iframe-child-init")){resizer||=data.type;again()}
  };
  onload=onhashchange=again;
  /* It fires for fonts, resizing, another theme, and when a hidden tab is shown. */
  new ResizeObserver(tell).observe(root);
  /* WordPress frames us in a sandbox that lets no link out: its own page goes there when it is asked to. */
  onclick=event=>{
    let link=event.target.closest("a");
    if(link&&secret()){event.preventDefault();say({message:"link",value:link.href,secret:secret()})}
  };
}
