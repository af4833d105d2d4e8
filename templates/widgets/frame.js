let root=document.documentElement,pym=/childId=([^&]+)/.exec(location.search)?.[1];
if(parent!==self){
  let resizer,said,
    /* WordPress may add its secret to the URL after the page has loaded. */
    secret=()=>location.hash.split("?secret=")[1],
    say=message=>parent.postMessage(message,"*"),
    tell=()=>{
      let height=Math.ceil(root.getBoundingClientRect().height);
      if(!height||height===said)return;
      said=height;
      say({type:"portal-widget:height",height,title:document.title});
      say({sentinel:"amp",type:"embed-size",height});
      /* WordPress shows the frame only after it has heard a height, and forces every one into 200 to 1,000. */
      if(secret())say({message:"height",value:Math.min(Math.max(height,200),1000),secret:secret()});
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
