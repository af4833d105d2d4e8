{#- Follows the choices as they are made. The server says what becomes of them: it is asked for the page, and the parts that differ are put in place. -#}
(()=>{
  let form=document.getElementById("choices"),at=id=>document.getElementById(id),news=at("news"),asking,
    parts=["tongues","notes","see","copy","verdict"],served={};
  for(let id of parts)served[id]=at(id).innerHTML;

  function address(){
    let usual=new URLSearchParams(at("fields").querySelector("[data-usual]").dataset.usual),chosen=new URLSearchParams;
    for(let [name,value] of new FormData(form)){
      if(!value||usual.get(name)===value)continue;
      if(chosen.has(name))value=chosen.get(name)+","+value;
      chosen.set(name,value);
    }
    return form.action+"?"+(""+chosen).replaceAll("%2C",",");
  }
  async function follow(){
    let url=address();
    asking?.abort();
    asking=new AbortController;
    try{
      let answer=await fetch(url,{signal:asking.signal}),page=new DOMParser().parseFromString(await answer.text(),"text/html");
      if(!page.getElementById("fields"))throw 0;
      history.replaceState(null,"",url);
      put(page);
      news.textContent=form.dataset.updated;
    }catch(fault){
      if(fault.name!=="AbortError")news.textContent=form.dataset.failed,news.className="note";
    }
  }
  function put(page){
    for(let id of parts){
      let fresh=page.getElementById(id);
      if(fresh.innerHTML===served[id])continue;
      served[id]=fresh.innerHTML;
      at(id).replaceChildren(...fresh.childNodes);
    }
    let fields=page.getElementById("fields"),kind=where=>where.querySelector("[data-for]").dataset.for;
    if(kind(fields)!==kind(at("fields")))at("fields").replaceChildren(...fields.childNodes);
    enhance();
  }

  function enhance(){
    document.querySelectorAll(".done").forEach(done=>{done.hidden=false});
    at("picker").hidden=false;
    let place=at("place");
    if(place&&!place.dataset.ready)combobox(place);
  }
  /* A list of what is found under a field of text: the pattern "combobox" of WAI-ARIA's authoring practices. */
  function combobox(place){
    let {cities,none,one,several}=place.dataset,input=at("q"),list=at("hits"),select=at("city"),
      said=place.querySelector("[role=status]"),active=-1,waiting,asked,
      text=id=>[...select.options].find(option=>option.value===id)?.text,
      chosen=()=>{input.value=select.value&&text(select.value)||""};
    place.dataset.ready=1;
    select.parentNode.hidden=true;
    input.removeAttribute("name");
    for(let [name,value] of [["role","combobox"],["autocomplete","off"],["aria-autocomplete","list"],["aria-controls","hits"],["aria-expanded","false"]])input.setAttribute(name,value);
    chosen();
    function open(shown){
      list.hidden=!shown;
      input.setAttribute("aria-expanded",shown);
      if(!shown)mark(-1);
    }
    function mark(index){
      active=index;
      [...list.children].forEach((option,number)=>option.setAttribute("aria-selected",number===index));
      let option=list.children[index];
      if(!option)return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant",option.id);
      option.scrollIntoView({block:"nearest"});
    }
    function choose(option){
      let id=option.dataset.id;
      if(!text(id))select.append(new Option(option.textContent,id));
      select.value=id;
      close();
      follow();
    }
    function close(){
      clearTimeout(waiting);
      asked?.abort();
      said.textContent="";
      open(false);
      chosen();
    }
    async function search(){
      asked?.abort();
      asked=new AbortController;
      try{
        let query=new URLSearchParams({q:input.value,limit:8,lang:document.documentElement.lang}),
          found=(await(await fetch(cities+"?"+query,{signal:asked.signal})).json()).cities;
        list.replaceChildren(...found.map((city,number)=>{
          let option=document.createElement("li");
          option.id="hit"+number;
          option.role="option";
          option.dataset.id=city.id;
          option.textContent=text(city.id)||city.name;
          return option;
        }));
        open(found.length>0);
        mark(found.length?0:-1);
        said.textContent=found.length?found.length===1?one:several.replace("8",found.length):none;
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
      if(event.isComposing||event.altKey||event.ctrlKey)return;
      if(key==="ArrowDown")shown?mark(active<last?active+1:0):search();
      else if(key==="ArrowUp"&&shown)mark(active>0?active-1:last);
      else if(key==="Enter"&&shown&&active>=0)choose(list.children[active]);
      else if(key==="Escape")close();
      else if(key!=="Enter")return;
      event.preventDefault();
    };
    list.onpointerdown=event=>event.preventDefault();
    list.onclick=event=>{
      let option=event.target.closest("[role=option]");
      if(option)choose(option);
    };
  }

  document.addEventListener("click",async({target})=>{
    let button=target.closest("[data-copy]");
    if(!button)return;
    let code=at(button.dataset.copy),copied,said=button.nextElementSibling;
    said.textContent="";
    try{
      await navigator.clipboard.writeText(code.value);
      copied=1;
    }catch{
      /* Over plain http browsers have no clipboard for us. */
      code.select();
      copied=document.execCommand("copy");
    }
    said.textContent=copied?button.dataset.done:button.dataset.selected;
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
