{#- The element <portal-widget> for other sites; service/web/embed_js.py provides the documented heights. -#}
(script=>{
  if(customElements.get("portal-widget")||!script)return;
  let base=script.src.replace(/\/embed\.js.*/,""),
    frame={ {{ frame }} },item={ {{ item }} },
    known={{ parameters | safe }};
  /* The documented height, which suffices from a width of 280 px on. */
  function reserved(type,layout,limit,width){
    if(type==="weather")return frame[layout]||frame.compact;
    let kind=type==="portal"?"headlines":item[layout]?layout:"list",count=+limit||({{ default_limits }})[kind];
    if(kind==="cards")count=Math.ceil(count/Math.max(1,Math.floor((width-{{ card_margin }})/{{ card_column }})));
    return (type==="portal"?frame.compact:0)+frame.articles+count*item[kind];
  }
  /* Any rule of the page overrides this sheet; old versions of Safari have no constructable sheets. */
  let sheet="adoptedStyleSheets" in document&&new CSSStyleSheet;
  if(sheet)sheet.replaceSync(":host{display:block;position:relative}:host([hidden]){display:none}");
  customElements.define("portal-widget",class extends HTMLElement{
    static observedAttributes=["type","title","style",...known];
    constructor(){
      super();
      let inner=this.inner=document.createElement("iframe"),slot=this.slotted=document.createElement("slot");
      let shadow=this.attachShadow({mode:"open"});
      shadow.append(slot,inner);
      if(sheet)shadow.adoptedStyleSheets=[sheet];
      inner.loading="lazy";
      inner.allow="";
      inner.referrerPolicy="strict-origin-when-cross-origin";
      inner.sandbox="allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";
      Object.assign(inner.style,{position:"absolute",left:0,top:0,width:"100%",height:"100%",border:0});
      /* A frame fires `load` for an error too: only its own message proves that the widget was loaded. */
      inner.onload=()=>{
        let loads=this.loads=(this.loads||0)+1;
        setTimeout(()=>{if(loads===this.loads&&performance.now()-this.heard>5000)this.show(false)},4000);
      };
      this.hear=({source,data})=>{
        if(source!==inner.contentWindow||!data||data.type!=="portal-widget:height")return;
        let height=data.height;
        if(!(Number.isInteger(height)&&height>=20&&height<=6000))return;
        this.heard=performance.now();
        this.told=height;
        this.draw();
        this.show(true);
      };
      /* The number of columns of cards depends on the width, which is 0 in a hidden tab. */
      new ResizeObserver(()=>requestAnimationFrame(()=>this.isConnected&&this.draw())).observe(this);
    }
    connectedCallback(){addEventListener("message",this.hear);this.draw()}
    disconnectedCallback(){removeEventListener("message",this.hear)}
    attributeChangedCallback(){
      /* Several attributes may change at once: draw once for all of them. */
      if(!this.isConnected||this.waits)return;
      this.waits=1;
      queueMicrotask(()=>{this.waits=0;this.draw()});
    }
    /* Show the widget, or the element's own content. */
    show(box){
      this.slotted.style.display=box?"none":"";
      this.inner.style.visibility=box?"":"hidden";
    }
    draw(){
      let style=this.style,type=this.getAttribute("type")||"weather",city=this.getAttribute("city"),query=new URLSearchParams;
      if(!{{ kinds | safe }}.includes(type))return;
      for(let name of known)if(this.hasAttribute(name)&&!(name==="city"&&type==="weather"))query.set(name,this.getAttribute(name));
      let src=base+"/widgets/"+type+(type==="weather"&&city?"/"+encodeURIComponent(city):"")+(""+query&&"?"+query);
      if(!sheet){style.display||="block";style.position||="relative"}
      /* A height set by the page takes precedence; frameworks replace the whole style attribute. */
      let least=style.height?0:reserved(type,this.getAttribute("layout"),this.getAttribute("limit"),this.clientWidth);
      least=Math.max(least,src===this.asked?this.told:0)+"px";
      if(style.minHeight!==least)style.minHeight=least;
      this.inner.title=this.title||this.textContent.trim()||type;
      if(src===this.asked)return;
      this.told=0;
      this.show(false);
      this.inner.src=this.asked=src;
    }
  });
})(document.currentScript||document.querySelector('script[src*="/embed.js"]'))
