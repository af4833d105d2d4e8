{#- The element <portal-widget> for other sites; service/web/embed_js.py provides the documented heights. -#}
(script=>{
  if(customElements.get("portal-widget")||!script)return;
  let base=script.src.replace(/\/embed\.js.*/,""),
    steps={{ steps | safe }},
    limits={{ limits | safe }},
    known={{ parameters | safe }};
  /* The documented height: the last step from this width on, with its rows of items. */
  function reserved(type,layout,limit,width){
    let kinds=steps[type],kind=kinds[layout]?layout:Object.keys(kinds)[0],
      [,fixed,row,columns]=kinds[kind].findLast(step=>step[0]<=width);
    return fixed+Math.ceil((+limit||limits[kind]||0)/(columns||1))*(row||0);
  }
  /* Any rule of the page overrides this sheet; old versions of Safari have no constructable sheets.
     The frame stands in the flow: it gives the element the width of a frame where nothing else does. */
  let sheet="adoptedStyleSheets" in document&&new CSSStyleSheet;
  if(sheet)sheet.replaceSync(":host{display:block;position:relative;min-width:min(300px,100%)}:host([hidden]){display:none}");
  customElements.define("portal-widget",class extends HTMLElement{
    static observedAttributes=["type","title","style","heading",...known];
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
      /* The frame's own root is light: with another scheme here its transparent ground would be painted. */
      Object.assign(inner.style,{display:"block",width:"100%",minHeight:"100%",border:0,colorScheme:"light"});
      /* The link lies over the frame's place. */
      Object.assign(slot.style,{display:"block",position:"absolute"});
      /* A frame fires `load` for an error too: only its own message proves that the widget was loaded. */
      inner.onload=()=>{
        let loads=this.loads=(this.loads||0)+1;
        setTimeout(()=>{if(loads===this.loads&&performance.now()-this.heard>5000)this.show(false)},4000);
      };
      this.hear=({source,data})=>{
        if(source!==inner.contentWindow||!data||data.type!=="portal-widget:height")return;
        let{height,title}=data;
        /* In a place that is still without width every line breaks, and no height is to be believed. */
        if(!(Number.isInteger(height)&&height>=20&&height<=6000)||inner.clientWidth<120)return;
        this.heard=performance.now();
        /* It grows at once, and shrinks only where nobody sees it: what a reader is looking at must not move. */
        let{top,bottom}=this.getBoundingClientRect(),now=inner.clientHeight,
          seen=this.shown&&bottom>0&&top<innerHeight&&document.visibilityState==="visible";
        this.told=height<now&&(seen||now-height<=12)?now:height;
        this.named=typeof title==="string"&&title.slice(0,200);
        this.draw();
        this.show(true);
      };
      /* The number of columns of cards depends on the width, which is 0 in a hidden tab. */
      new ResizeObserver(()=>requestAnimationFrame(()=>this.isConnected&&this.draw())).observe(this);
    }
    connectedCallback(){addEventListener("message",this.hear);this.draw()}
    /* A frame that is put elsewhere loads its src again, which a replaced address has left behind. Where the element is
       moved it is in its new place already, and the frame loading: taken out and put in again it loads this address alone. */
    disconnectedCallback(){
      removeEventListener("message",this.hear);
      let{inner,asked,shadowRoot}=this;
      if(asked){inner.remove();inner.src=asked;shadowRoot.append(inner)}
    }
    attributeChangedCallback(){
      /* Several attributes may change at once: draw once for all of them. */
      if(!this.isConnected||this.waits)return;
      this.waits=1;
      queueMicrotask(()=>{this.waits=0;this.draw()});
    }
    /* Show the widget, or the element's own content. */
    show(box){
      this.slotted.style.display=box?"none":"block";
      this.inner.style.visibility=box?"":"hidden";
      this.shown=box;
    }
    draw(){
      let{style,inner}=this,computed=getComputedStyle(this),
        type=this.getAttribute("type")||"weather",city=this.getAttribute("city"),
        cities=this.getAttribute("cities"),layout=cities||type==="table"||this.hasAttribute("province")?"table":this.getAttribute("layout"),query=new URLSearchParams;
      if(!{{ kinds | safe }}.includes(type))return;
      /* Several places stand under each other, each in a row. */
      if(layout==="table"){city="";type="weather"}
      for(let name of known)if(this.hasAttribute(name)&&!(name==="city"&&type==="weather"))query.set(name,this.getAttribute(name));
      if(this.hasAttribute("heading")&&type!=="weather")query.set("title",this.getAttribute("heading"));
      /* A page that says whether it is light or dark is believed before the reader's system. */
      let schemes=["light","dark"].filter(scheme=>computed.colorScheme?.split(" ").includes(scheme));
      if(!query.has("theme")&&schemes.length===1)query.set("theme",schemes[0]);
      let src=base+"/widgets/"+type+(type==="weather"&&city?"/"+encodeURIComponent(city):"")+(""+query&&"?"+query);
      if(!sheet){style.display||="block";style.position||="relative";style.minWidth||="min(300px,100%)"}
      /* A height set by the page takes precedence; frameworks replace the whole style attribute. */
      let least=src===this.asked&&this.told||(style.height?0:reserved(type,layout,cities?cities.split(",").length:this.getAttribute("limit"),this.clientWidth));
      least+="px";
      if(style.minHeight!==least)style.minHeight=least;
      inner.style.height=least;
      inner.title=this.title||src===this.asked&&this.named||this.textContent.trim()||type;
      if(src===this.asked)return;
      /* Another address in the place of the first: the reader's way back leads past the page, not through its places.
         A frame that has not loaded yet stays lazy. */
      let replaces=this.loads&&this.isConnected&&inner.contentWindow;
      this.asked=src;
      this.told=0;
      this.show(false);
      if(replaces)replaces.location.replace(src);else inner.src=src;
    }
  });
})(document.currentScript||document.querySelector('script[src*="/embed.js"]'))
