{#- Updates the page at every change: fetches the page for the new choices, and replaces what differs. -#}
(()=>{
  let at=id=>document.getElementById(id),form=at("choices"),news=at("news"),ground=document.querySelector("[name=ground][checked]").value,asking,followed;

  function address(){
    let usual=new URLSearchParams(at("fields").querySelector("[data-usual]").dataset.usual),chosen=new URLSearchParams;
    for(let [name,value] of new FormData(form)){
      if(!value||usual.get(name)===value)continue;
      if(chosen.has(name))value=chosen.get(name)+","+value;
      chosen.set(name,value);
    }
    if(!chosen.has("lang")&&chosen.get("ui")===usual.get("lang"))chosen.delete("ui");
    let query=(""+chosen).replaceAll("%2C",",");
    return form.action+(query&&"?"+query);
  }
  function follow(){followed=following()}
  async function following(){
    let url=address();
    news.textContent="";
    news.className="sr";
    asking?.abort();
    asking=new AbortController;
    try{
      let answer=await fetch(url,{signal:asking.signal}),page=new DOMParser().parseFromString(await answer.text(),"text/html");
      if(!page.getElementById("fields"))throw 0;
      history.replaceState(null,"",url);
      put(page);
      news.textContent=form.dataset.updated;
    }catch(fault){
      if(fault.name==="AbortError")return;
      news.textContent=form.dataset.failed;
      news.className="note";
    }
  }
  function put(page){
    for(let id of ["tongues","notes","see","copy","verdict"])match(at(id),page.getElementById(id));
    /* The fields already have the new values; they are replaced only where there are others. */
    let fields=page.getElementById("fields"),ours=at("fields"),variant=where=>where.querySelector("[data-for]").dataset.for,
      focused=ours.contains(document.activeElement)&&document.activeElement.id;
    if(variant(fields)===variant(ours))fields.querySelectorAll(".hint[id]").forEach(hint=>match(at(hint.id),hint));
    else ours.replaceChildren(...fields.childNodes);
    enhance();
    if(focused)at(focused)?.focus();
    /* The preview follows the ground that the text is for, until another one is looked at. */
    let fits=page.querySelector("[name=ground]:checked").value;
    if(fits!==ground)document.querySelector(`[name=ground][value=${fits}]`).checked=true;
    ground=fits;
  }
  /* Unchanged nodes are left in place, which preserves focus, selection and a frame with the same URL. */
  function match(old,fresh){
    if(old.isEqualNode(fresh))return;
    if(old.nodeType!==1||old.nodeName!==fresh.nodeName||old.nodeName==="IFRAME")return old.replaceWith(fresh);
    for(let {name,value} of fresh.attributes)if(name!=="hidden")old.setAttribute(name,value);
    let ours=[...old.childNodes],theirs=[...fresh.childNodes];
    if(ours.length===theirs.length)ours.forEach((node,index)=>match(node,theirs[index]));
    else old.replaceChildren(...theirs);
  }

  function enhance(){
    document.querySelectorAll("[data-copy],#picker").forEach(control=>{control.hidden=false});
    let place=at("place");
    if(place&&!place.dataset.ready)combobox(place);
  }
  /* A search field with a list of matches: the pattern "combobox" of the ARIA Authoring Practices Guide. */
  function combobox(place){
    let {cities,none,one,several}=place.dataset,input=at("q"),list=at("hits"),select=at("city"),
      said=place.querySelector("[role=status]"),active=-1,waiting,asked,
      named=id=>[...select.options].find(option=>option.value===id)?.text,
      chosen=()=>select.value&&named(select.value)||"";
    place.dataset.ready=1;
    select.parentNode.hidden=true;
    input.removeAttribute("name");
    input.value=chosen();
    for(let [name,value] of Object.entries({role:"combobox",autocomplete:"off","aria-autocomplete":"list","aria-controls":"hits","aria-expanded":false}))input.setAttribute(name,value);
    function open(shown){
      list.hidden=!shown;
      input.setAttribute("aria-expanded",shown);
      mark(shown?0:-1);
    }
    function mark(index){
      active=index;
      [...list.children].forEach((option,number)=>option.setAttribute("aria-selected",number===index));
      let option=list.children[index];
      if(!option)return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant",option.id);
      option.scrollIntoView({block:"nearest"});
    }
    function close(){
      clearTimeout(waiting);
      asked?.abort();
      said.textContent="";
      open(false);
      input.value=chosen();
    }
    function choose({dataset,textContent}){
      if(!named(dataset.id))select.append(new Option(textContent,dataset.id));
      select.value=dataset.id;
      close();
      follow();
    }
    async function search(){
      clearTimeout(waiting);
      asked?.abort();
      asked=new AbortController;
      try{
        let query=new URLSearchParams({q:input.value,limit:8,lang:document.documentElement.lang}),
          answer=await fetch(cities+"?"+query,{signal:asked.signal}),found=(await answer.json()).cities,count=found.length;
        list.replaceChildren(...found.map(({id,name},number)=>{
          let option=document.createElement("li");
          option.id="hit"+number;
          option.setAttribute("role","option");
          option.dataset.id=id;
          option.textContent=named(id)||name;
          return option;
        }));
        open(count>0);
        said.className=count?"sr":"hint";
        said.textContent=count?count===1?one:several.replace("8",count):none;
      }catch{}
    }
    input.onfocus=()=>input.select();
    input.onblur=close;
    input.oninput=()=>{
      clearTimeout(waiting);
      waiting=setTimeout(search,150);
    };
    input.onkeydown=event=>{
      let {key}=event,last=list.children.length-1,shown=!list.hidden;
      if(event.isComposing||event.altKey||event.ctrlKey||event.metaKey)return;
      if(key==="ArrowDown")shown?mark(active<last?active+1:0):search();
      else if(key==="ArrowUp"&&shown)mark(active>0?active-1:last);
      else if(key==="Enter"&&shown)choose(list.children[active]);
      else if(key==="Enter"&&input.value!==chosen())search();
      else if(key==="Escape")close();
      else return;
      event.preventDefault();
    };
    list.onpointerdown=event=>event.preventDefault();
    list.onclick=({target})=>{
      let option=target.closest("[role=option]");
      if(option)choose(option);
    };
  }

  document.addEventListener("click",async({target})=>{
    let button=target.closest("[data-copy]");
    if(!button)return;
    let {copy,done,selected}=button.dataset,copied;
    /* One row alone says that it was copied: the last one. */
    document.querySelectorAll("[data-copy]").forEach(({previousElementSibling})=>{previousElementSibling.textContent=""});
    await followed;
    let code=at(copy);
    try{
      await navigator.clipboard.writeText(code.value);
      copied=1;
    }catch{
      /* Pages over plain http have no clipboard API. */
      code.select();
      copied=document.execCommand("copy");
    }
    button.previousElementSibling.textContent=copied?done:selected;
  });
  document.addEventListener("change",({target})=>{
    if(target.id==="picker")at("accent").value=target.value.slice(1);
    if(target.form===form&&target.id!=="q")follow();
  });
  form.onsubmit=event=>{
    event.preventDefault();
    follow();
  };
  at("apply").hidden=true;
  enhance();
})()
