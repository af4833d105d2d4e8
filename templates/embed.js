{#- <portal-widget>, for pages of others; service/web/embed.py fills the documented heights in. -#}
(script=>{
  if(customElements.get("portal-widget")||!script)return;
  let base=script.src.replace(/\/embed\.js.*/,""),
    frame={ {{ frame }} },item={ {{ item }} },
    known=["city","lang","theme","units","layout","accent","select","source","limit"];
  /* As the documentation has it: what is reserved is never too low from 280 px on. */
  function reserved(type,layout,limit){
    if(type==="weather")return frame[layout]||frame.compact;
    let kind=type==="portal"?"headlines":item[layout]?layout:"list";
    return (type==="portal"?frame.compact:0)+frame.articles+(+limit||({{ usual }})[kind])*item[kind];
  }
  customElements.define("portal-widget",class extends HTMLElement{
    static observedAttributes=["type","title",...known];
    constructor(){
      super();
      let style=this.style,inner=this.inner=document.createElement("iframe"),slot=this.slotted=document.createElement("slot");
      this.attachShadow({mode:"open"}).append(slot,inner);
      inner.loading="lazy";
      inner.allow="";
      inner.referrerPolicy="strict-origin-when-cross-origin";
      inner.sandbox="allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";
      Object.assign(inner.style,{position:"absolute",left:0,top:0,width:"100%",height:"100%",border:0,opacity:0,pointerEvents:"none"});
      this.hear=({source,data})=>{
        /* A frame fires `load` for an error too: only its own message proves that the box is there. */
        if(source!==inner.contentWindow||!data||data.type!=="portal-widget:height")return;
        let height=data.height;
        if(!(Number.isInteger(height)&&height>=20&&height<=6000))return;
        style.minHeight=Math.max(this.least,height)+"px";
        slot.style.display="none";
        inner.style.opacity=1;
        inner.style.pointerEvents="";
      };
    }
    connectedCallback(){addEventListener("message",this.hear);this.draw()}
    disconnectedCallback(){removeEventListener("message",this.hear)}
    attributeChangedCallback(){
      /* Several attributes change at once: they are drawn once. */
      if(!this.isConnected||this.waits)return;
      this.waits=1;
      queueMicrotask(()=>{this.waits=0;this.draw()});
    }
    draw(){
      let style=this.style,type=this.getAttribute("type")||"weather",city=this.getAttribute("city"),query=new URLSearchParams;
      if(!["weather","articles","portal"].includes(type))return;
      for(let name of known)if(this.hasAttribute(name)&&!(name==="city"&&type==="weather"))query.set(name,this.getAttribute(name));
      this.least=reserved(type,this.getAttribute("layout"),this.getAttribute("limit"));
      style.display||="block";
      style.position||="relative";
      style.minHeight=this.least+"px";
      this.inner.title=this.title||this.textContent.trim()||type;
      let src=base+"/widgets/"+type+(type==="weather"&&city?"/"+encodeURIComponent(city):"")+(""+query&&"?"+query);
      if(src!==this.inner.src)this.inner.src=src;
    }
  });
})(document.currentScript||document.querySelector('script[src*="/embed.js"]'))
